# SPDX-License-Identifier: GPL-2.0-only
# The image as it is, entered in QEMU as Linux enters it after a crash.
purgatory_boot_bins = tests/purgatory/rom.bin tests/purgatory/next.bin
if ARCH_X86_64
purgatory_rom_at = 0xf0000
else
purgatory_rom_at = 0
endif
SUFFIXES += .flat
.S.flat:
	@$(MKDIR_P) $(@D)
	$(AM_V_CC)$(CC) -nostdlib -no-pie -Wl,-Ttext=$(purgatory_rom_at) -Wl,--build-id=none -Wl,-e,0 \
		-o $@ $<
tests/purgatory/rom.bin: tests/purgatory/$(ARCH)/rom.flat
	$(AM_V_GEN)$(OBJCOPY) -O binary -j .text $< $@
tests/purgatory/next.bin: tests/purgatory/$(ARCH)/next.flat
	$(AM_V_GEN)$(OBJCOPY) -O binary -j .text $< $@

TESTS += tests/purgatory/boot
check_DATA += $(purgatory_boot_bins) purgatory/purgatory.bin
EXTRA_DIST += tests/purgatory/boot tests/purgatory/common.py tests/purgatory/rig.py \
	tests/purgatory/arm64/cases.py tests/purgatory/arm64/next.S \
	tests/purgatory/arm64/rom.S tests/purgatory/arm64/words.h \
	tests/purgatory/x86_64/cases.py tests/purgatory/x86_64/next.S \
	tests/purgatory/x86_64/rom.S
CLEANFILES += $(purgatory_boot_bins) tests/purgatory/$(ARCH)/rom.flat \
	tests/purgatory/$(ARCH)/next.flat
