# SPDX-License-Identifier: GPL-2.0-only
# The library. Freestanding sources are compiled from one list: hosted, as they
# run in the purgatory, and for a kernel (kernel/Kbuild).
include iommu/sources.mk
iommu_free_headers = iommu/env.h iommu/hidden.h iommu/lookup.h iommu/lpae.h iommu/quiesce.h iommu/top.h iommu/x86_pt.h \
	iommu/vtd/tables.h iommu/vtd/vtd.h iommu/amdvi/amdvi.h iommu/amdvi/tables.h \
	iommu/smmuv3/smmuv3.h iommu/smmuv3/tables.h iommu/smmuv2/smmuv2.h iommu/smmuv2/tables.h iommu/virtio/virtio.h

noinst_LIBRARIES += libiommu.a
libiommu_a_SOURCES = $(iommu_free_sources) $(iommu_free_headers)
libiommu_a_CFLAGS = $(AM_CFLAGS) $(FRAME_LIMIT)

# What runs without an operating system, here and in the purgatory, is compiled
# by rules of its own, as .fo, with none of the user's CFLAGS: what hardens,
# profiles or sanitizes hosted code has no run time to call there.
if ARCH_X86_64
# No red zone: traps of this ring use the stack. No vector registers: they are
# off at entry.
free_arch_cflags = -mcmodel=small -mno-red-zone -mno-mmx -mno-sse \
	-mno-sse2 -mno-80387 -fcf-protection=none
else
# arm64: no vector registers either, and memory that takes aligned accesses
# alone while the MMU is off.
free_arch_cflags = -mgeneral-regs-only -mstrict-align -mno-outline-atomics \
	-mbranch-protection=none
endif
free_cflags = -std=gnu11 -O2 -ffreestanding -fbuiltin -fpie -fvisibility=hidden \
	$(free_arch_cflags) -fno-stack-protector -fno-lto \
	-fno-asynchronous-unwind-tables -fno-strict-aliasing \
	-fno-delete-null-pointer-checks -ffunction-sections -fdata-sections \
	-U_FORTIFY_SOURCE -Wall -Wextra -Wshadow -Wvla -Wstrict-prototypes \
	-Wmissing-prototypes -Wframe-larger-than=1024
SUFFIXES = .fo
free_compile = $(CC) $(free_cflags) -I$(top_srcdir)/include \
	-include $(top_srcdir)/iommu/hidden.h \
	-MMD -MP -MF $@.d -c -o $@ $<
.c.fo:
	@$(MKDIR_P) $(@D)
	$(AM_V_CC)$(free_compile)
.S.fo:
	@$(MKDIR_P) $(@D)
	$(AM_V_CC)$(free_compile)
-include $(iommu_free_sources:.c=.fo.d)
$(iommu_free_sources:.c=.fo): Makefile

# The purgatory's objects of the library, linked by themselves.
iommu/free.o: $(iommu_free_sources:.c=.fo) iommu/check-free
	$(AM_V_CCLD)$(CC) -r -nostdlib -o $@ $(iommu_free_sources:.c=.fo)
	$(AM_V_at)$(SHELL) $(top_srcdir)/iommu/check-free $(NM) $@ || \
		{ rm -f $@; exit 1; }
noinst_DATA += iommu/free.o
CLEANFILES += iommu/free.o $(iommu_free_sources:.c=.fo) $(iommu_free_sources:.c=.fo.d)
EXTRA_DIST += iommu/check-free iommu/sources.mk
