# SPDX-License-Identifier: GPL-2.0-only
# What purgatory/local.mk takes from an architecture. machine.h says what the
# files are. Hosted too, for tests:
purgatory_arch_sources = purgatory/x86_64/console.c purgatory/x86_64/map.c \
	purgatory/x86_64/reset.c $(purgatory_arch_sha256)
purgatory_arch_sha256 = purgatory/x86_64/sha256_avx2.c \
	purgatory/x86_64/sha256_avx512.c purgatory/x86_64/sha256_cpu.c \
	purgatory/x86_64/sha256_sha.c purgatory/x86_64/sha256_ssse3.c
purgatory_arch_asm = purgatory/x86_64/recover.S
# Only on the machine itself.
purgatory_bare_sources = purgatory/x86_64/start.c purgatory/x86_64/machine.c \
	purgatory/x86_64/machine_check.c purgatory/x86_64/string.c
purgatory_bare_asm = purgatory/x86_64/entry.S

# The one relocation that entry.S applies to the image.
purgatory_relocation = R_X86_64_RELATIVE

purgatory_arch_headers = purgatory/x86_64/cpu.h purgatory/x86_64/layout.h \
	purgatory/x86_64/map.h purgatory/x86_64/pc.h \
	purgatory/x86_64/sha256_x86.h purgatory/x86_64/start.h
purgatory_lds = purgatory/x86_64/purgatory.lds
