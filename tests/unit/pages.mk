# SPDX-License-Identifier: GPL-2.0-only
# The pages agree with option tables, --help and headers.
TESTS += tests/unit/pages
EXTRA_DIST += tests/unit/pages
