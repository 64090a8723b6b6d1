/* SPDX-License-Identifier: GPL-2.0-only */
/* Tests of kexec_unit that take wrappings off. */
#ifndef TESTS_KEXEC_UNWRAP_H
#define TESTS_KEXEC_UNWRAP_H

void test_unwrap_kinds(void **state);
void test_unwrap_nested(void **state);
void test_unwrap_truncated(void **state);
void test_unwrap_damaged(void **state);
void test_unwrap_bomb(void **state);
void test_unwrap_short(void **state);
void test_unwrap_without_files(void **state);
void test_elf_layout(void **state);
void test_elf_bytes_without_memory(void **state);
void test_elf_damaged(void **state);

#endif
