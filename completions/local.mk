# SPDX-License-Identifier: GPL-2.0-only
# One text for all programs; it asks the program itself.
completions = completions/iommudump completions/vmcore-dmesg
if HAVE_KEXEC
completions += completions/kexec
endif
bashcompdir = @bashcompdir@
nodist_bashcomp_DATA = $(completions)
$(completions): $(srcdir)/completions/complete.in
	$(AM_V_GEN)mkdir -p completions && program=`basename $@` && \
	sed -e "s/@""PROGRAM@/$$program/g" \
		-e "s/@""FUNCTION@/kexec_iommu_`echo $$program | tr - _`/g" \
		$(srcdir)/completions/complete.in > $@.tmp && mv $@.tmp $@
CLEANFILES += $(completions)
EXTRA_DIST += completions/complete.in

TESTS += tests/unit/completion tests/unit/readline
EXTRA_DIST += tests/unit/completion tests/unit/readline tests/cases/completion.txt
