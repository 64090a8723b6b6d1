#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""
A whole `iommudump show` against what drgn and crash need to open the same dump, and the
commands that ask the dead kernel too, where there are notes, against `show` without notes,
which asks nobody else:
open.py IOMMUDUMP VMCORE [VMLINUX]. Prints "NAME RATIO DETAILS" lines for run.

Programs are counted whole, in seconds of CPU. Without VMLINUX, which has debug information,
drgn opens the core alone and could answer nothing (of its time the start of Python is the
most), and crash opens nothing. Packages on Debian: python3-drgn, crash, and of the kernel
that died linux-image-VERSION-dbg.
"""
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile

TURNS = 15


def used(*command, fine=(0,)):
    """Seconds of CPU of a command, and its output. FINE: exit status of one that answered."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, timeout=600, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if run.returncode not in fine:
        raise RuntimeError(f'{" ".join(command)}: {run.stderr.decode(errors="replace").strip()[-200:]}')
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
            run.stdout.decode(errors='replace'))


def pair(name, ours, theirs, what):
    """Both in turns; the least of each counts."""
    times = [(ours(), theirs()) for _ in range(TURNS)]
    mine, other = (min(t[i] for t in times) for i in (0, 1))
    print(f'{name} {mine / other:.3f} {mine * 1e3:.1f} ms, {what} {other * 1e3:.1f} ms',
          flush=True)


def commands(program, vmcore):
    """Those that ask the dead kernel: {name: its arguments}, of the first device in front of a unit."""
    devices = json.loads(used(program, '-f', vmcore, '--json', 'devices')[1])['devices']
    behind = next(d['name'] for d in devices if d.get('unit'))
    return {'devices': ('devices',), 'check': ('check',),
            'walk': ('walk', behind, '0x1000'), 'reach': ('reach', '0x1000000'),
            'page': ('--no-notes', 'page', '0x1000000')}


def main():
    """All that can be measured here; what can not is said."""
    program, vmcore = sys.argv[1:3]
    vmlinux = sys.argv[3] if len(sys.argv) > 3 else None

    def ours(*arguments):
        # "nobody" is 1, and so is a finding; 2: something could not be asked
        return used(program, '-f', vmcore, *arguments, fine=(0, 1, 2))[0]

    for name, arguments in commands(program, vmcore).items():
        pair(f'{name}-kernel', lambda a=arguments: ours(*a), lambda: ours('--no-notes', 'show'),
             'show --no-notes')
    if shutil.which('drgn'):
        quiet = ('drgn', '-q', '-c', vmcore) + (('-s', vmlinux) if vmlinux else ())
        pair('show-drgn', lambda: ours('show'), lambda: used(*quiet, os.devnull)[0],
             'drgn -c -s' if vmlinux else 'drgn -c')
    else:
        print('bench: show-drgn left out: drgn is not installed', file=sys.stderr)
    if vmlinux and shutil.which('crash'):
        with tempfile.NamedTemporaryFile('w') as script:
            script.write('quit\n')  # at the end of input it would fail
            script.flush()
            crash = ('crash', '--minimal', '-s', '-i', script.name, vmlinux, vmcore)
            pair('show-crash', lambda: ours('show'), lambda: used(*crash)[0], 'crash --minimal')
    else:
        print('bench: show-crash left out: it takes crash, and --vmlinux with debug information',
              file=sys.stderr)


if __name__ == '__main__':
    main()
