/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TESTS_KEXEC_BIG_H
#define TESTS_KEXEC_BIG_H

/* ARG...: kexec's, on the machine that kexec_big.c makes up. */
int show_big(int argc, char **argv);

#endif
