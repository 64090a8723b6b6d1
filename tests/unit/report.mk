# SPDX-License-Identifier: GPL-2.0-only
TESTS += tests/unit/report_cases
EXTRA_DIST += tests/unit/report_cases tests/cases/report
