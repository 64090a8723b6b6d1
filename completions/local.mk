# SPDX-License-Identifier: GPL-2.0-only
# One text for all programs, which asks the program itself; one for each shell.
completions = completions/iommudump completions/kexec completions/vmcore-dmesg
bashcompdir = @bashcompdir@
nodist_bashcomp_DATA = $(completions)
$(completions): $(srcdir)/completions/complete.in
	$(AM_V_GEN)mkdir -p completions && program=`basename $@` && \
	sed -e "s/@""PROGRAM@/$$program/g" \
		-e "s/@""FUNCTION@/kexec_iommu_`echo $$program | tr - _`/g" \
		$(srcdir)/completions/complete.in > $@.tmp && mv $@.tmp $@

fish_completions = $(completions:=.fish)
fishcompdir = $(datadir)/fish/vendor_completions.d
nodist_fishcomp_DATA = $(fish_completions)
$(fish_completions): $(srcdir)/completions/fish.in
	$(AM_V_GEN)mkdir -p completions && program=`basename $@ .fish` && \
	sed -e "s/@""PROGRAM@/$$program/g" \
		-e "s/@""FUNCTION@/kexec_iommu_`echo $$program | tr - _`/g" \
		$(srcdir)/completions/fish.in > $@.tmp && mv $@.tmp $@

zshcompdir = $(datadir)/zsh/site-functions
dist_zshcomp_DATA = completions/_kexec_iommu
CLEANFILES += $(completions) $(fish_completions)
EXTRA_DIST += completions/complete.in completions/fish.in

TESTS += tests/unit/completion tests/unit/readline
EXTRA_DIST += tests/unit/completion tests/unit/readline tests/cases/completion.txt
