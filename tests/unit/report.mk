# SPDX-License-Identifier: GPL-2.0-only
TESTS += tests/unit/drgn tests/unit/readers tests/unit/fleet tests/unit/sample tests/unit/story tests/unit/report_cases tests/unit/schema tests/unit/pictures tests/unit/iommudump_options
EXTRA_DIST += tests/unit/drgn tests/unit/readers tests/unit/fleet tests/unit/sample tests/unit/story tests/unit/report_cases tests/unit/schema tests/unit/pictures tests/unit/iommudump_options tests/unit/browser.py \
	tests/cases/report
iommudump/dump_test-page.$(OBJEXT): $(page_parts)
EXTRA_DIST += tests/unit/screenshots
