# SPDX-License-Identifier: GPL-2.0-only
include tests/unit/local.mk
include tests/unit/floors.mk
include tests/qtest/local.mk
include tests/qtest/amdvi.mk
include tests/fuzz/local.mk
include tests/bench/local.mk
include tests/boot/local.mk

# What tests/lib/setup does to the machine it runs on.
TESTS += tests/unit/setup
EXTRA_DIST += tests/unit/setup tests/unit/setup_stub

# What tests/check runs beside "make check".
EXTRA_DIST += tests/cross tests/hardened tests/lib/skipped tests/lib/variable
EXTRA_DIST += tests/lib/emulated tests/lib/roots.sh

# The freestanding sources as a kernel builds them.
TESTS += tests/kbuild/run tests/kbuild/checkpatch
EXTRA_DIST += tests/kbuild/run tests/kbuild/checkpatch
clean-local:
	rm -rf tests/kbuild/[0-9]*

# What a build in the tree makes, git does not see.
TESTS += tests/unit/ignored
EXTRA_DIST += tests/unit/ignored
