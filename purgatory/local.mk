# SPDX-License-Identifier: GPL-2.0-only
# The purgatory: a flat image, linked from these sources and from the
# library's freestanding ones, all as .fo (iommu/local.mk).
if ARCH_X86_64
include purgatory/x86_64/local.mk
else
include purgatory/arm64/local.mk
endif
purgatory_sources = purgatory/main.c purgatory/plan_check.c purgatory/unit.c \
	purgatory/steps.c purgatory/record.c purgatory/trap.c purgatory/console.c \
	purgatory/image_digest.c purgatory/sha256.c purgatory/sha256_way.c \
	$(purgatory_arch_sources)
purgatory_asm = $(purgatory_bare_asm) $(purgatory_arch_asm)
purgatory_objs = $(purgatory_asm:.S=.fo) $(purgatory_sources:.c=.fo) \
	$(purgatory_bare_sources:.c=.fo) $(iommu_free_sources:.c=.fo)
# The digest alone, for tests of what really runs.
digest_objs = purgatory/image_digest.fo purgatory/sha256.fo \
	purgatory/sha256_way.fo $(purgatory_arch_sha256:.c=.fo)

purgatory_ldflags = -nostdlib -static-pie -fno-lto -Wl,--no-dynamic-linker \
	-Wl,--no-undefined -Wl,--gc-sections -Wl,--build-id=none \
	-Wl,-z,norelro -Wl,-z,noexecstack -Wl,-z,text -Wl,--orphan-handling=error

-include $(purgatory_objs:.fo=.fo.d)
# A change of the lists or flags rebuilds all of it.
$(purgatory_objs): Makefile

purgatory/purgatory.elf: $(purgatory_objs) $(purgatory_lds)
	$(AM_V_CCLD)$(CC) $(purgatory_ldflags) -Wl,-T,$(top_srcdir)/$(purgatory_lds) \
		-o $@ $(purgatory_objs)
purgatory/purgatory.bin: purgatory/purgatory.elf purgatory/check-image
	$(AM_V_at)$(SHELL) $(top_srcdir)/purgatory/check-image $< \
		$(purgatory_relocation)
	$(AM_V_GEN)$(OBJCOPY) -O binary -j .text -j .rodata -j .rela.dyn \
		-j .data $< $@

noinst_DATA += purgatory/purgatory.bin
CLEANFILES += purgatory/purgatory.elf purgatory/purgatory.bin \
	$(purgatory_objs) $(purgatory_objs:.fo=.fo.d)
noinst_HEADERS += purgatory/console.h purgatory/machine.h \
	purgatory/purgatory.h purgatory/sha256_lanes.h purgatory/sha256_rounds.h purgatory/sha256_two.h \
	purgatory/trap.h $(purgatory_arch_headers)
# Of both architectures, whichever this is.
EXTRA_DIST += purgatory/check-image purgatory/arm64/entry.S \
	purgatory/arm64/machine.c purgatory/arm64/macros.S purgatory/arm64/purgatory.lds \
	purgatory/arm64/start.c purgatory/arm64/string.c purgatory/arm64/vectors.S \
	purgatory/x86_64/entry.S purgatory/x86_64/machine.c \
	purgatory/x86_64/machine_check.c purgatory/x86_64/purgatory.lds \
	purgatory/x86_64/start.c purgatory/x86_64/string.c

# Hosted: kexec computes the digest with it, tests run the steps with it.
noinst_LIBRARIES += libpurgatory.a
libpurgatory_a_SOURCES = $(purgatory_sources) $(purgatory_arch_asm)

include tests/unit/purgatory.mk
include tests/purgatory/local.mk
