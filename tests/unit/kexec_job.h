/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TESTS_KEXEC_JOB_H
#define TESTS_KEXEC_JOB_H

/* TREE KERNEL ANSWERS ARG...; the exit status is of the test, not of kexec. */
int show_job(int argc, char **argv);

#endif
