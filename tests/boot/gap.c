// SPDX-License-Identifier: GPL-2.0-only
/*
 * gap SECONDS - how long is no crash kernel loaded while one is exchanged?
 *
 * Looks at /sys/kernel/kexec_crash_loaded, as often as it can, for SECONDS, and prints
 * how often there was none and for how long at most, in milliseconds:
 *   @@ gap TIMES LONGEST
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int loaded(int fd)
{
	char c;

	if (pread(fd, &c, 1, 0) != 1) {
		perror("gap");
		exit(1);
	}
	return c == '1';
}

int main(int argc, char **argv)
{
	int fd = open("/sys/kernel/kexec_crash_loaded", O_RDONLY);
	double end = now() + 1e3 * (argc == 2 ? atof(argv[1]) : 0);
	double last = now(), longest = 0, t;
	unsigned int times = 0;
	int before = 1, is;

	/* from the last look that found one to the next that finds one */
	for (; now() < end; before = is) {
		is = loaded(fd);
		t = now();
		times += before && !is;
		if (is && !before && t - last > longest)
			longest = t - last;
		if (is)
			last = t;
	}
	printf("@@ gap %u %.1f\n", times, longest);
	return 0;
}
