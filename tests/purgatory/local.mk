# SPDX-License-Identifier: GPL-2.0-only
# The image as it is, entered in QEMU as Linux enters it after a crash.
purgatory_boot_bins = tests/purgatory/rom.bin tests/purgatory/next.bin
SUFFIXES += .flat
.S.flat:
	@$(MKDIR_P) $(@D)
	$(AM_V_CC)$(CC) -nostdlib -no-pie -Wl,-Ttext=0xf0000 -Wl,--build-id=none -Wl,-e,0 \
		-o $@ $<
tests/purgatory/rom.bin: tests/purgatory/rom.flat
	$(AM_V_GEN)$(OBJCOPY) -O binary -j .text $< $@
tests/purgatory/next.bin: tests/purgatory/next.flat
	$(AM_V_GEN)$(OBJCOPY) -O binary -j .text $< $@

TESTS += tests/purgatory/boot
check_DATA += $(purgatory_boot_bins) purgatory/purgatory.bin
EXTRA_DIST += tests/purgatory/boot tests/purgatory/rom.S tests/purgatory/next.S
CLEANFILES += $(purgatory_boot_bins) tests/purgatory/rom.flat \
	tests/purgatory/next.flat
