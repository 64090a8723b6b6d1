# SPDX-License-Identifier: GPL-2.0-only
# The pictures of the README, of the sample, by a headless chromium.
screenshots = docs/page-1400-light.webp docs/page-1400-dark.webp docs/page-420-light.webp docs/page-420-dark.webp
EXTRA_DIST += $(screenshots) docs/tested.md docs/measured.md
.PHONY: screenshots
screenshots: iommudump/iommudump samples/vmcore
	iommudump/iommudump --html=screenshots.html samples report
	$(srcdir)/tests/unit/screenshots screenshots.html $(srcdir)/docs
	rm screenshots.html
