# SPDX-License-Identifier: GPL-2.0-only
"""A dump in other people's readers: what they complain of with our notes, and not without."""
import glob
import os
import re
import shutil
import struct
import subprocess

COMPLAINT = re.compile(r'warn|error|corrupt|invalid|cannot|unable|fail|mismatch|truncated', re.I)
DRGN = '''
import sys, drgn
prog = drgn.Program()
prog.set_core_dump(sys.argv[1])
assert prog.flags & drgn.ProgramFlags.IS_LINUX_KERNEL
'''
CRASH = 'sys\nhelp -n\nbt\nmod\nquit\n'
ELF = 'vmcore.elf'  # what readelf and gdb read


def others(notes):
    """The notes whose owner is not ours."""
    kept, at = b'', 0
    while at + 12 <= len(notes):
        namesz, descsz = struct.unpack_from('<II', notes, at)
        end = at + 12 + (namesz + 3 & ~3) + (descsz + 3 & ~3)
        if namesz and notes[at + 12:at + 12 + namesz] != b'IOMMU\0':
            kept += notes[at:end]
        at = end
    return kept


def strip(data, offset, size, where, sizes):
    """Notes of SIZE at OFFSET lose ours; their size stands at each of SIZES."""
    kept = others(bytes(data[offset:offset + size]))
    data[offset:offset + size] = kept + bytes(size - len(kept))
    for at in sizes:
        struct.pack_into('<Q', data, where + at, len(kept))


def without_ours(dump, to):
    """A copy of an ELF or kdump-compressed dump that has all but our notes."""
    shutil.copyfile(dump, to)
    with open(to, 'r+b') as f:
        data = bytearray(f.read(8 << 20))
        if data[:4] == b'\x7fELF':
            phoff, = struct.unpack_from('<Q', data, 32)
            count, = struct.unpack_from('<H', data, 56)
            for where in range(phoff, phoff + 56 * count, 56):
                kind, _, offset, _, _, size = struct.unpack_from('<IIQQQQ', data, where)
                if kind == 4:
                    strip(data, offset, size, where, (32, 40))
        else:
            # kdump_sub_header: offset_note and size_note
            offset, size = struct.unpack_from('<QQ', data, 4096 + 48)
            strip(data, offset, size, 4096 + 56, (0,))
        f.seek(0)
        f.write(data)


def crashes(cache):
    """Name and path of programs crash, and the kernel that they read dumps of: what setup's
    "readers" brings."""
    vmlinux = glob.glob(os.path.join(cache, 'readers', 'vmlinux-*'))
    found = []
    for program in (shutil.which('crash'), os.path.join(cache, 'readers/crash-new/bin/crash')):
        if vmlinux and program and os.path.exists(program):
            p = subprocess.run([program, '--version'], stdout=subprocess.PIPE, check=False)
            name = re.search(r'^crash \S+', p.stdout.decode(errors='replace'), re.M)
            found.append((name.group(0) if name else program, program, vmlinux[0]))
    return found


def commands(dump, cache, also_crash):
    """How each reader is called for a dump: name, arguments, standard input."""
    found = []
    if dump.endswith(ELF):
        found.append(('readelf', ['readelf', '-hlnW', dump], ''))
        found.append(('gdb', ['gdb', '-nx', '-batch', '-c', dump, '-ex', 'info registers'], ''))
    found.append(('drgn', ['/usr/bin/python3', '-c', DRGN, dump], ''))
    for name, program, vmlinux in crashes(cache) if also_crash else []:
        found.append((name, [program, '--no_scroll', '-s', vmlinux, dump], CRASH))
    return [c for c in found if shutil.which(c[1][0])]


def complaints(arguments, text):
    """The lines with which a reader complains of a dump, and its exit status."""
    try:
        p = subprocess.run(arguments, input=text.encode(), stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT, timeout=900, check=False)
    except subprocess.TimeoutExpired:
        return {'took too long'}
    lines = p.stdout.decode(errors='replace').replace('/bare/', '/').splitlines()
    return {f'status {p.returncode}'} | {line.strip() for line in lines if COMPLAINT.search(line)}


def check(dump, cache, also_crash):
    """Why our notes are not all right in this dump, a line each; and who has opened it."""
    directory, name = os.path.split(dump)
    bare = os.path.join(directory, 'bare', name)
    os.makedirs(os.path.dirname(bare), exist_ok=True)
    without_ours(dump, bare)
    reasons, opened = [], []
    for (reader, mine, text), (_, his, _) in zip(commands(dump, cache, also_crash),
                                                 commands(bare, cache, also_crash)):
        ours = complaints(mine, text)
        reasons += [f'{name}: {reader}: {line}' for line in sorted(ours - complaints(his, text))]
        if 'status 0' not in ours:
            reasons.append(f'{name}: {reader} does not open it')
        opened.append(reader)
    if also_crash and not crashes(cache):
        opened.append('but not by crash (tests/lib/setup readers)')
    shutil.rmtree(os.path.dirname(bare))
    return reasons, opened
