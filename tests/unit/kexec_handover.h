/* SPDX-License-Identifier: GPL-2.0-only */
/* Tests of kexec/handover_segment.c, which kexec_unit.c runs. */
#ifndef TESTS_KEXEC_HANDOVER_H
#define TESTS_KEXEC_HANDOVER_H

void test_handover_note(void **state);
void test_handover_note_of_entries(void **state);
void test_handover_can(void **state);
void test_handover_streams(void **state);
void test_handover_stream_numbers(void **state);
void test_handover_wide(void **state);
void test_handover_below(void **state);

#endif
