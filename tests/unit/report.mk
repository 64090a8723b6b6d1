# SPDX-License-Identifier: GPL-2.0-only
TESTS += tests/unit/report_cases tests/unit/schema
EXTRA_DIST += tests/unit/report_cases tests/unit/schema tests/cases/report
