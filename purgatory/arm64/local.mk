# SPDX-License-Identifier: GPL-2.0-only
# What purgatory/local.mk takes from an architecture. machine.h says what the
# files are. Hosted too, for tests:
purgatory_arch_sources = purgatory/arm64/console.c purgatory/arm64/map.c \
	purgatory/arm64/reset.c $(purgatory_arch_sha256)
purgatory_arch_sha256 = purgatory/arm64/sha256_cpu.c \
	purgatory/arm64/sha256_sha2.c
purgatory_arch_asm = purgatory/arm64/recover.S
# Only on the machine itself.
purgatory_bare_sources = purgatory/arm64/start.c purgatory/arm64/machine.c \
	purgatory/arm64/string.c
purgatory_bare_asm = purgatory/arm64/entry.S purgatory/arm64/vectors.S

# Its functions alone are called with vector registers enabled; an attribute
# does not bring them back.
purgatory/arm64/sha256_sha2.fo: free_arch_cflags = -mstrict-align \
	-mbranch-protection=none

# The one relocation that entry.S applies to the image.
purgatory_relocation = R_AARCH64_RELATIVE

purgatory_arch_headers = purgatory/arm64/arm.h purgatory/arm64/cpu.h \
	purgatory/arm64/dcache.h purgatory/arm64/layout.h purgatory/arm64/map.h \
	purgatory/arm64/sha256_arm.h purgatory/arm64/start.h purgatory/arm64/vectors.h
purgatory_lds = purgatory/arm64/purgatory.lds
