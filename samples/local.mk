# SPDX-License-Identifier: GPL-2.0-only
# A dump to try iommudump on; README.md says what of.
samples/vmcore: samples/vmcore.xz
	$(AM_V_GEN)$(MKDIR_P) $(@D) && \
		xz -dc $(srcdir)/samples/vmcore.xz > $@.part && mv $@.part $@
.PHONY: samples
samples: samples/vmcore
check_DATA += samples/vmcore
CLEANFILES += samples/vmcore
EXTRA_DIST += samples/README.md samples/vmcore.xz
