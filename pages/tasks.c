// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stacks of tasks, and the page tables of processes (Linux:
 * include/linux/sched.h; kernel/fork.c, alloc_thread_stack_node).
 */
#include <elf.h>

#include "reader.h"

#define TASKS_MAX (4u << 20) /* PID_MAX_LIMIT */
#define STACK_MIN KIB(16)    /* THREAD_SIZE, where nothing says it */
#define STACK_MAX KIB(256)
#define COMM_LEN 16u
/* Of the top table, what belongs to the process. */
#define X86_USER_ENTRIES 256u

struct task_walk {
	struct pages *p;
	u32 tasks;
};

static void mark_stack(struct pages *p, u64 task, u32 name)
{
	u64 stack, area, size = 0;

	if (!kernel_get(p->k, task, &p->m[TASK_STACK], &stack) || !stack)
		return;
	if (kernel_get(p->k, task, &p->m[TASK_STACK_AREA], &area) && area &&
	    !kernel_get(p->k, area, &p->m[VM_SIZE], &size))
		size = 0;
	/* The area has a guard page behind, which is not mapped. */
	if (size < BIT64(p->shift) || size > STACK_MAX)
		size = STACK_MIN;
	mark_virtual(p, stack, size, PAGE_STACK, name);
}

static void mark_mm(struct pages *p, u64 task, u32 name)
{
	bool x86 = p->k->machine == EM_X86_64;
	u64 mm, pgd, phys;

	if (kernel_get(p->k, task, &p->m[TASK_MM], &mm) && mm &&
	    kernel_get(p->k, mm, &p->m[MM_PGD], &pgd) && pgd &&
	    p->k->phys(p->k, pgd, &phys))
		mark_tables(p, phys, 0, x86 ? X86_USER_ENTRIES : ~0u, name);
}

static u32 name_of(struct pages *p, u64 task)
{
	char comm[COMM_LEN + 1];

	if (!p->m[TASK_COMM].found ||
	    !kernel_text(p->k, task + p->m[TASK_COMM].off, comm, sizeof(comm)))
		return 0;
	return mark_name(p, comm);
}

static bool thread_entry(void *arg, u64 node)
{
	struct task_walk *w = arg;
	struct pages *p = w->p;
	u64 task = node - p->m[TASK_THREAD].off;
	u32 name = name_of(p, task);

	if (!p->work || ++w->tasks > TASKS_MAX)
		return false;
	mark_stack(p, task, name);
	mark_mm(p, task, name);
	return true;
}

static bool leader_entry(void *arg, u64 node)
{
	struct task_walk *w = arg;
	struct pages *p = w->p;
	struct symbol s = { .name = "threads of a process" };
	u64 task = node - p->m[TASK_TASKS].off, signal;

	if (!p->work || !kernel_get(p->k, task, &p->m[TASK_SIGNAL], &signal) ||
	    !signal)
		return false;
	s.addr = signal + p->m[SIGNAL_THREADS].off;
	kernel_list(p->k, p->f, &s, TASKS_MAX, thread_entry, w);
	return true;
}

bool mark_tasks(struct pages *p)
{
	struct symbol s = { .name = "tasks" };
	struct task_walk w = { p, 0 };

	for (u32 i = TASK_TASKS; i <= MM_PGD; i++)
		if (!p->m[i].found && i != TASK_STACK_AREA)
			return false;
	if (!p->s[SYM_INIT_TASK].addr)
		return false;
	s.addr = p->s[SYM_INIT_TASK].addr + p->m[TASK_TASKS].off;
	kernel_list(p->k, p->f, &s, TASKS_MAX, leader_entry, &w);
	mark_stack(p, p->s[SYM_INIT_TASK].addr, mark_name(p, "swapper"));
	return true;
}
