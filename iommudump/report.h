/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * iommudump(8) makes one report a subcommand, as a JSON document, and prints
 * that document or a text made from it alone: the two can't differ.
 */
#ifndef REPORT_H
#define REPORT_H

#include <stdio.h>
#include <json-c/json.h>
#include "dump.h"
#include "answers.h"
#include "filter.h"

enum { /* exit status */
	EXIT_ANSWERED = 0,
	EXIT_NOBODY = 1,    /* reach: no device; also: wrong usage */
	EXIT_SERIOUS = 1,   /* check: something is */
	EXIT_DIFFERENT = 1, /* diff: they are */
	EXIT_INCOMPLETE = 2,
};

struct report {
	struct dump *d;
	struct dump *other; /* diff of two: the second; else NULL */
	struct json_object *doc;
	const char *vmlinux; /* of --vmlinux; NULL: none */
	const char *symbol;  /* of --symbol; NULL: none */
	const char *log;     /* a file of the kernel's log; NULL: none */
	/* who is asked about, of devices, tables, check, tree; NULL: all */
	const struct filter *filter;
	int argc; /* of the subcommand's arguments */
	char **argv;
	int status;
	char *err; /* one line when the report can't be made */
	size_t err_len;
	/*
	 * Prints r->doc and begins another, for a command that gives several
	 * answers; what is left when it returns is no answer then. False:
	 * nobody listens any more.
	 */
	bool (*emit)(struct report *r);
	void *emit_arg;
};

/* How text and page are set; JSON is always whole. Set before the first. */
struct style {
	bool all;	     /* nothing is folded */
	bool noheadings;     /* of lists rows alone are printed */
	bool terminal;	     /* lists fit its width */
	bool colour;	     /* what is serious has one */
	const char *columns; /* of lists: "A,B", or "+A,B" beside the usual */
	const char *sort;    /* by this column; NULL: in the document's order */
};
extern struct style style;

/* Each fills r->doc. False: r->err says why; r->status is the exit status. */
bool report_show(struct report *r);
bool report_devices(struct report *r);
bool report_tree(struct report *r);
bool report_faults(struct report *r);
bool report_tables(struct report *r);
bool report_walk(struct report *r);
bool report_maps(struct report *r);
bool report_frames(struct report *r);
bool report_reach(struct report *r);
bool report_page(struct report *r);
bool report_pages(struct report *r);
bool report_notes(struct report *r);
bool report_check(struct report *r);
bool report_diff(struct report *r);
bool report_report(struct report *r);
bool report_story(struct report *r);
/* show and devices together, for a picture. */
bool report_graph(struct report *r);

/* Each prints such a document for people. */
void print_show(struct json_object *doc);
void print_devices(struct json_object *doc);
void print_tree(struct json_object *doc);
void print_faults(struct json_object *doc);
void print_tables(struct json_object *doc);
void print_walk(struct json_object *doc);
void print_maps(struct json_object *doc);
void print_frames(struct json_object *doc);
void print_reach(struct json_object *doc);
void print_page(struct json_object *doc);
void print_pages(struct json_object *doc);
void print_notes(struct json_object *doc);
void print_check(struct json_object *doc);
void print_diff(struct json_object *doc);
void print_report(struct json_object *doc);
void print_story(struct json_object *doc);
/* The document of report_report as a page; false: errno says why. */
bool write_html(FILE *to, struct json_object *doc);

/* The document of report_graph for dot(1): without domains, and with them. */
void dot_units(struct json_object *doc);
void dot_devices(struct json_object *doc);

/* --- writing a document: emit.c --- */

/* @p; where that is NULL, for want of memory, the program ends and says so. */
void *need(void *p);

struct json_object *put_object(struct json_object *o, const char *key);
struct json_object *put_array(struct json_object *o, const char *key);
struct json_object *push_object(struct json_object *array);
/* Nothing when @s is NULL. */
void put_text(struct json_object *o, const char *key, const char *s);
void put_number(struct json_object *o, const char *key, u64 n);
void put_bool(struct json_object *o, const char *key, bool b);
/* "0x…": addresses and raw words. */
void put_hex(struct json_object *o, const char *key, u64 v);
void push_hex(struct json_object *array, u64 v);
void put_hex_array(struct json_object *o, const char *key, const u64 *v, u32 n);
/* @word, or the number when there is none. */
void put_word(struct json_object *o, const char *key, const char *word,
	      u32 value);
void put_perm(struct json_object *o, const char *key, u32 perm);
/* "0000:00:04.0"; "0x12345": a stream of more than 16 bits */
void text_bdf(char *buf, size_t len, u32 segment, u32 requester);
void put_bdf(struct json_object *o, const char *key, u32 segment,
	     u32 requester);
void put_evidence(struct json_object *o, const struct iommu_evidence *ev);

/* unit, requester, pasid and the devices it stands for. */
void put_requester(struct json_object *o, struct dump *d, u32 unit,
		   u32 requester, u32 pasid);
/* The same of who was found to reach memory: a unit alone, if that is all. */
void put_reacher(struct json_object *o, struct dump *d,
		 const struct reach_hit *h);
void put_unit(struct json_object *o, const char *key, const struct dump *d,
	      u32 unit);
/* When: the running system has no crash; a dump may lack the crash note. */
void put_as_of(struct json_object *o, const struct dump *d);
/* The tables of a domain: first and second stage, where it has them. */
void put_stages(struct json_object *o, const struct iommu_table *stage,
		const struct iommu_table *upper);
/* What a requester's entry says: kind, domain, stages, raw words. */
void put_domain(struct json_object *o, const struct view_entry *e);
void put_trail(struct json_object *o, const char *key,
	       const struct view_trail *trail);

/* What a page was: cmd_page.c. */
void put_page(struct json_object *o, const struct page_facts *f);
/*
 * Kind, name and why it is not known, of the page there. Nothing where the
 * dump is of no kind that could know.
 */
void put_kind_of(struct report *r, struct json_object *o, u64 phys);
/* The same of a range, as its "memory", in pieces. */
void put_kinds_of(struct report *r, struct json_object *o,
		  const struct span *at);
/*
 * All kinds that are in a range, as its "kinds"; nothing where it has more
 * pages than *@budget, from which they are taken.
 */
void put_kind_words(struct report *r, struct json_object *o,
		    const struct span *at, u64 *budget);
/* "slab (dentry)" */
void print_kind(struct json_object *o);

/* Where the interrupts of a unit lead, as its "interrupts": interrupts.c. */
void put_interrupts(struct report *r, struct json_object *unit, u32 u);
/* @o: that member; NULL: the unit has none. */
void print_interrupts(struct json_object *o);

/* --- a line on stderr while something takes time: progress.c --- */

struct progress {
	const char *what;
	u64 next_ms; /* when it is told next; 0: not begun */
	bool shown;
};

/* @arg: struct progress. Only on a terminal, and not at once. */
void show_progress(void *arg, u64 n);
void end_progress(struct progress *p);

/* --- reading one: document.c; missing members are "" and 0 --- */

const char *get_text(struct json_object *o, const char *key);
u64 get_number(struct json_object *o, const char *key);
bool get_bool(struct json_object *o, const char *key);
struct json_object *get(struct json_object *o, const char *key);
size_t get_count(struct json_object *o, const char *key);
struct json_object *get_at(struct json_object *o, const char *key, size_t i);

/* A member in words: numbers, texts, arrays joined by blanks. "-": missing. */
const char *cell(struct json_object *o, const char *key, char *buf, size_t len);
/*
 * Of @n that are alike, how many are shown one by one: all, if they are few
 * or nothing is to be folded.
 */
size_t shown_of(size_t n, size_t few);
/* Findings and names that are few. */
#define FINDINGS_FEW 3
#define NAMES_FEW 8
/* Where those end that are as the one at @from in each of @keys (NULL ends). */
size_t alike_end(struct json_object *o, const char *key, size_t from,
		 const char *const *keys);
/* Keys of findings with one cause and one remedy, and of what is undecided. */
extern const char *const finding_keys[], *const undecided_keys[];
/* ": reserved bits are set at context 0x… (0x… 0x…)", or nothing. */
void write_evidence(FILE *f, struct json_object *o);
void print_evidence(struct json_object *o);
/* Of a document of devices, by unit, group and name; to be freed. */
struct json_object **devices_by_place(struct json_object *doc, size_t *n);
/* ", second stage table 0x… of 4 levels", for each stage. */
void write_stages(FILE *f, struct json_object *o);
/* Kind, domain, tables, what is wrong with it; without the line's end. */
void write_domain(FILE *f, struct json_object *o);
/* The same with it. */
void print_domain(struct json_object *o);
/* What a lookup read on its way: the trail that @key holds. */
void print_path(struct json_object *o, const char *key);
/* "0000:00:04.0 edu", or the bare requester. */
void write_who(FILE *f, struct json_object *o);
void print_who(struct json_object *o);
/* " (4 MiB)" behind a length that is written as 0x…; nothing below 1 KiB. */
const char *size_words(const char *hex, char *buf, size_t len);

#endif
