#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""
A whole `iommudump show` against what drgn and crash need to open the same dump:
open.py IOMMUDUMP VMCORE [VMLINUX]. Prints "NAME RATIO DETAILS" lines for run.

Programs are counted whole, in seconds of CPU. Without VMLINUX, which has debug information,
drgn opens the core alone and could answer nothing (of its time the start of Python is the
most), and crash opens nothing. Packages on Debian: python3-drgn, crash, and of the kernel
that died linux-image-VERSION-dbg.
"""
import os
import resource
import shutil
import subprocess
import sys
import tempfile

TURNS = 15


def used(*command):
    """Seconds of CPU of a command, and its output."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, timeout=600, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if run.returncode:
        raise RuntimeError(f'{command[0]}: {run.stderr.decode(errors="replace").strip()[-200:]}')
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
            run.stdout.decode(errors='replace'))


def pair(name, ours, theirs, what):
    """Both in turns; the least of each counts."""
    times = [(ours(), theirs()) for _ in range(TURNS)]
    mine, other = (min(t[i] for t in times) for i in (0, 1))
    print(f'{name} {mine / other:.3f} {mine * 1e3:.1f} ms, {what} {other * 1e3:.1f} ms',
          flush=True)


def main():
    """All that can be measured here; what can not is said."""
    program, vmcore = sys.argv[1:3]
    vmlinux = sys.argv[3] if len(sys.argv) > 3 else None

    def ours():
        return used(program, '-f', vmcore, 'show')[0]

    if shutil.which('drgn'):
        quiet = ('drgn', '-q', '-c', vmcore) + (('-s', vmlinux) if vmlinux else ())
        pair('show-drgn', ours, lambda: used(*quiet, os.devnull)[0], 'drgn -c -s' if vmlinux else 'drgn -c')
    else:
        print('bench: show-drgn left out: drgn is not installed', file=sys.stderr)
    if vmlinux and shutil.which('crash'):
        with tempfile.NamedTemporaryFile('w') as script:
            script.write('quit\n')  # at the end of input it would fail
            script.flush()
            crash = ('crash', '--minimal', '-s', '-i', script.name, vmlinux, vmcore)
            pair('show-crash', ours, lambda: used(*crash)[0], 'crash --minimal')
    else:
        print('bench: show-crash left out: it takes crash, and --vmlinux with debug information',
              file=sys.stderr)


if __name__ == '__main__':
    main()
