# SPDX-License-Identifier: GPL-2.0-only
# The pages agree with option tables, --help and headers.
TESTS += tests/unit/pages tests/unit/notes
EXTRA_DIST += tests/unit/pages tests/unit/notes tests/unit/notes_reader.py
