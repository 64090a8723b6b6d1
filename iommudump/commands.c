// SPDX-License-Identifier: GPL-2.0-only
/* The subcommands of iommudump: what each makes, and prints. */
#include <string.h>
#include "commands.h"

const struct command commands[] = {
	{ "show", "", 0, 0, true, false, report_show, print_show, dot_units,
	  "what happened at the crash (the default)" },
	{ "devices", "", 0, 0, false, true, report_devices, print_devices,
	  dot_devices, "devices, their domains, what was decided for them" },
	{ "faults", "", 0, 0, false, true, report_faults, print_faults, NULL,
	  "faults that were pending at the crash" },
	{ "tables", "", 0, 0, false, true, report_tables, print_tables, NULL,
	  "entries of the top-level tables" },
	{ "walk", "BDF RANGE", 2, 0, false, true, report_walk, print_walk, NULL,
	  "where an address of a device leads" },
	{ "maps", "BDF [RANGE]", 1, 1, false, true, report_maps, print_maps,
	  NULL, "all mappings of a device, or those in RANGE" },
	{ "frames", "", 0, 0, false, true, report_frames, print_frames, NULL,
	  "memory mapped for DMA, what a dump lacks of it" },
	{ "reach", "RANGE", 1, COMMAND_ANY, false, true, report_reach,
	  print_reach, NULL,
	  "which devices reach RANGE...; -: ranges from stdin" },
	{ "page", "RANGE", 1, COMMAND_ANY, true, true, report_page, print_page,
	  NULL, "what pages were to the kernel, and who maps them" },
	{ "check", "", 0, 0, true, true, report_check, print_check, NULL,
	  "what endangers the dump or the isolation" },
	{ "diff", "[A B]", 0, 2, false, false, report_diff, print_diff, NULL,
	  "the load against the crash, or two dumps" },
	{ "report", "", 0, 0, true, true, report_report, print_report, NULL,
	  "all in one, with --html as a page to look at" },
	{ "story", "", 0, 0, true, true, report_story, print_story, NULL,
	  "a crash in a few lines: report begins with it" },
	{ "notes", "", 0, 0, true, false, report_notes, print_notes, NULL,
	  "the notes as they stand" },
	{ NULL, NULL, 0, 0, false, false, NULL, NULL, NULL, NULL },
};

const struct command *find_command(const char *name)
{
	size_t i;

	for (i = 0; commands[i].name; i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}
