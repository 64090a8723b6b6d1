# SPDX-License-Identifier: GPL-2.0-only
EXTRA_DIST += tests/check tests/clean tests/demo tests/packages tests/lib/setup tests/lib/build \
	tests/boot/README.md tests/boot/run tests/boot/cases.py tests/boot/pairs.py tests/boot/machine.py \
	tests/boot/tell tests/boot/judge.py tests/boot/readers.py tests/boot/sync.py tests/boot/attack.py tests/boot/mkinitrd tests/boot/mkuki tests/boot/mkdmar tests/boot/mkvars tests/boot/init \
	tests/boot/edu.c tests/boot/compare tests/boot/differences tests/boot/debian tests/boot/dracut tests/boot/guest.sh tests/boot/gap.c tests/boot/selftests tests/boot/callers tests/boot/cases
EXTRA_DIST += tests/packages.kernel tests/boot/mkkernel tests/boot/kernel.config \
	tests/boot/kernel-rig.config tests/boot/kernel-kasan.config \
	tests/boot/kernel-arm64.config tests/boot/kernel-arm64-39.config \
	tests/boot/kernel-arm64-64k.config tests/boot/kernel-arm64-file.config \
	tests/boot/kernel-arm64-adopt.config tests/boot/kernel-arm64-file-7.2.config \
	tests/boot/debugfs tests/boot/debugfs.init tests/boot/entries.py
EXTRA_DIST += tests/packages.arm64 tests/packages.browser tests/packages.cross tests/boot/vmcores tests/boot/vmcore-init \
	tests/boot/badplan.c tests/boot/mutate.c tests/boot/pageflags.c tests/boot/peers tests/boot/mapmany tests/boot/planted tests/boot/dying
EXTRA_DIST += tests/packages.readers
