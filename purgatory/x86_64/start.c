/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Between entry.S and the crash path: segments, interrupt table, and the two
 * ways out. Structures: Intel SDM volume 3, sections 3.4.5, 6.14 and 7.7.
 */
#include "../purgatory.h"
#include "cpu.h"
#include "layout.h"
#include "start.h"

static_assert(PURGATORY_IMAGE_MAGIC == PURGATORY_MAGIC, "one magic");
ASSERT_SIZE(struct handover, HANDOVER_BYTES);

struct table_register {
	u16 limit;
	u64 base;
} __attribute__((packed));
ASSERT_SIZE(struct table_register, 10);

struct gate {
	u64 lo, hi;
};
ASSERT_SIZE(struct gate, 16);

struct tss {
	u32 reserved0;
	u32 words[25]; /* rsp0-2, reserved, ist1-7, reserved, I/O map base */
};
ASSERT_SIZE(struct tss, 104);

#define TSS_IST1 8 /* word where IST1 begins: byte 36 */
#define IST_TRAP 1
#define IST_NMI 2
#define GATE_INTERRUPT (BIT64(47) | 14ULL << 40) /* present, ring 0 */
#define DESC_TSS (BIT64(47) | 9ULL << 40)	 /* present, available */
/* Flat, 4 GiB, ring 0, accessed: long-mode code; data. */
#define DESC_CODE 0x00af9b000000ffffULL
#define DESC_DATA 0x00cf93000000ffffULL

struct jump {
	u64 entry, arg;
};

/* kexec finds it through the header and fills it in. */
struct handover purgatory_handover __attribute__((section(".data.handover")));

extern u8 purgatory_image[], memory_end[], trap_stubs[], trap_stack_top[],
	nmi_stack_top[];
extern u32 trap_nmis;

void load_tables(const struct table_register *gdtr,
		 const struct table_register *idtr);
struct jump purgatory_start(void);
void trap_entry(const struct trap_frame *f);

static u64 gdt[6];
static struct gate idt[VECTORS];
static struct tss tss;
static struct x86_machine machine;
static struct purgatory purgatory;

static void set_ist(u32 ist, const u8 *top)
{
	u64 v = (u64)top;

	tss.words[TSS_IST1 + 2 * (ist - 1)] = v;
	tss.words[TSS_IST1 + 2 * (ist - 1) + 1] = v >> 32;
}

static void set_segments(void)
{
	u64 base = (u64)&tss;

	set_ist(IST_TRAP, trap_stack_top);
	set_ist(IST_NMI, nmi_stack_top);
	tss.words[24] = (u32)sizeof(tss) << 16; /* no I/O map */
	gdt[SEL_CODE / 8] = DESC_CODE;
	gdt[SEL_DATA / 8] = DESC_DATA;
	gdt[SEL_TSS / 8] = DESC_TSS | (sizeof(tss) - 1) |
			   (base & 0xffffff) << 16 | (base >> 24 & 0xff) << 56;
	gdt[SEL_TSS / 8 + 1] = base >> 32;
}

static void set_gates(void)
{
	u32 i;

	for (i = 0; i < VECTORS; i++) {
		u64 at = (u64)trap_stubs + i * STUB_BYTES;
		u64 ist = i == VECTOR_NMI ? IST_NMI : IST_TRAP;

		idt[i].lo = GATE_INTERRUPT | ist << 32 | SEL_CODE << 16 |
			    (at & 0xffff) | (at >> 16 & 0xffff) << 48;
		idt[i].hi = at >> 32;
	}
}

void x86_triple_fault(struct pc *pc)
{
	const struct table_register none = { 0 };

	(void)pc;
	asm volatile("lidt %0; int3" ::"m"(none));
}

static __attribute__((noreturn)) void give_up(bool halt)
{
	struct machine *m = &machine.pc.m;

	if (!halt)
		m->reset(m);
	for (;;)
		m->halt(m);
}

void trap_entry(const struct trap_frame *f)
{
	static bool dying;
	struct trap trap = { f->vector, f->error, f->rip, read_cr2() };

	if (f->vector == VECTOR_MACHINE_CHECK)
		machine_check_taken(&trap);
	trap_taken(&purgatory, &trap);
	/*
	 * No recovery point: nothing is left to go on with. It may also be the
	 * next kernel, before it has an interrupt table of its own.
	 */
	if (!dying) {
		dying = true;
		say(&purgatory.console,
		    "kexec-iommu: trap %lu, error %lx, at %lx, address %lx: "
		    "resetting the machine\n",
		    trap.vector, trap.error, trap.pc, trap.address);
	}
	give_up(false);
}

struct jump purgatory_start(void)
{
	const struct table_register gdtr = { sizeof(gdt) - 1, (u64)gdt };
	const struct table_register idtr = { sizeof(idt) - 1, (u64)idt };
	enum purgatory_end end;

	set_segments();
	set_gates();
	load_tables(&gdtr, &idtr);
	machine_check_enable();
	x86_machine_init(&machine);
	purgatory.m = &machine.pc.m;
	purgatory.h = &purgatory_handover;
	purgatory.nmis = &trap_nmis;
	purgatory.image.start = (u64)purgatory_image;
	purgatory.image.len = memory_end - purgatory_image;
	end = purgatory_run(&purgatory);
	if (end != END_JUMP)
		give_up(end == END_HALT);
	machine_check_disable();
	x86_unmap(&machine);
	return (struct jump){ purgatory_handover.entry,
			      purgatory_handover.entry_arg };
}
