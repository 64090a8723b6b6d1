# SPDX-License-Identifier: GPL-2.0-only
"""From what a machine left behind to the reasons why a case failed (none: it passed)."""
import json
import os
import re
import shlex
import struct
import subprocess

from machine import SLOT_MIB
import readers

FAULT_TEXT = 'sysrq: Trigger a crash'


class Tools:
    """The programs that read dumps on the host."""

    def __init__(self, prefix, prefix_arm64=None, cache='/nonexistent'):
        self.cache = cache
        self.makedumpfile = find(['makedumpfile'], None)
        self.kexec = find(['sbin/kexec'], prefix)
        self.kexec_arm64 = find(['sbin/kexec'], prefix_arm64 or '/nonexistent')
        self.iommudump = find(['sbin/iommudump', 'bin/iommudump'], prefix)
        self.vmcore_dmesg = find(['sbin/vmcore-dmesg'], prefix)


def find(names, prefix):
    """The first of NAMES that is an executable, under PREFIX or on the path."""
    places = [prefix] if prefix else ['/usr/bin', '/usr/sbin', '/bin', '/sbin']
    for place in places:
        for name in names:
            if os.access(os.path.join(place, name), os.X_OK):
                return os.path.join(place, name)
    return None


def call(args, limit=120, **keywords):
    """Run a program that must not hang; its exit status and output."""
    try:
        p = subprocess.run(args, timeout=limit, check=False, stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT, **keywords)
    except subprocess.TimeoutExpired:
        return 124, f'{args[0]} took too long'
    return p.returncode, p.stdout.decode(errors='replace')


def unflatten(tools, image, slot, dump):
    """Restore a makedumpfile -F stream from a slot of a disk image."""
    with open(image, 'rb') as f:
        f.seek(slot * SLOT_MIB << 20)
        if f.read(12) != b'makedumpfile':
            return 'no dump on the disk'
        f.seek(slot * SLOT_MIB << 20)
        os.lseek(f.fileno(), slot * SLOT_MIB << 20, os.SEEK_SET)
        status, text = call([tools.makedumpfile, '-R', dump], stdin=f)
    return f'makedumpfile -R: {text.strip()}' if status else ''


def copy_whole(image, length, dump):
    """/proc/vmcore as it was, from the first slot; holes where it is zero."""
    if not length:
        return 'no dump sent'
    with open(image, 'rb') as source, open(dump, 'wb') as to:
        for at in range(0, length, 1 << 20):
            piece = source.read(min(1 << 20, length - at))
            if piece.strip(b'\0'):
                to.seek(at)
                to.write(piece)
        to.truncate(length)
    return ''


def killer(case):
    """What the log of the dead kernel says of how it died."""
    if case['at-sync'] == 'nmi':
        return 'Kernel panic - not syncing: NMI'
    return '[dying]' if case['crash-by'] else FAULT_TEXT


def check_dump(run, tools):
    """Was a dump saved, of the kernel that crashed? Leaves it as "vmcore"."""
    image = run.path(run.case['dump'] + '.img')
    dump = run.path('vmcore')
    if not os.path.exists(image):
        why = 'no dump sent'
    elif run.case['makedumpfile'] == 'none':
        why = copy_whole(image, int(run.event_value('vmcore') or 0), dump)
    else:
        why = unflatten(tools, image, 0, dump)
    if why:
        return why
    why = read_log(run, tools, dump)
    if why:
        return f'dump not readable: {why.strip()[-200:]}'
    with open(run.path('dmesg'), encoding='utf-8', errors='replace') as f:
        return '' if killer(run.case) in f.read() else 'dump is not of the crash'


def read_log(run, tools, dump):
    """The dead kernel's log, as "dmesg"; why not. makedumpfile reads page tables of the
    machine that it was built for alone."""
    if run.case['arch'] == 'x86_64':
        status, text = call([tools.makedumpfile, '--dump-dmesg', '-f', dump, run.path('dmesg')])
        return text if status else ''
    if not tools.vmcore_dmesg:
        return 'vmcore-dmesg is not built'
    status, text = call([tools.vmcore_dmesg, dump])
    with open(run.path('dmesg'), 'w', encoding='utf-8') as f:
        f.write(text)
    return text if status else ''


def elf_notes(data):
    """The bytes of the PT_NOTE segments of an ELF core."""
    phoff, = struct.unpack_from('<Q', data, 32)
    count, = struct.unpack_from('<H', data, 56)
    notes = b''
    for i in range(count):
        kind, _, offset, _, _, size = struct.unpack_from('<IIQQQQ', data, phoff + 56 * i)
        if kind == 4:
            notes += data[offset:offset + size]
    return notes


def note_bytes(path, start=0):
    """The raw notes of an ELF core or a kdump-compressed file (diskdump_mod.h layout)."""
    with open(path, 'rb') as f:
        f.seek(start)
        data = f.read(8 << 20)
    if data[:4] == b'\x7fELF':
        return elf_notes(data)
    # kdump_sub_header, one block in: offset_note and size_note follow six 8-byte fields
    offset, size = struct.unpack_from('<QQ', data, 4096 + 48)
    return data[offset:offset + size]


def trimmed(notes):
    """Notes without the zeroes that end a segment, whose length may differ."""
    return notes.rstrip(b'\0')


def check_log(run, tools, name):
    """Is the log that vmcore-dmesg prints the one that makedumpfile finds?"""
    if not tools.vmcore_dmesg:
        return ['vmcore-dmesg is not built']
    status, text = call([tools.vmcore_dmesg, run.path(name)])
    with open(run.path('dmesg'), encoding='utf-8', errors='replace') as f:
        if not status and text == f.read():
            return []
    with open(run.path(name + '.dmesg'), 'w', encoding='utf-8') as f:
        f.write(text)
    return [f'{name}: vmcore-dmesg prints another log than makedumpfile, status {status}']


def check_formats(run, tools):
    """The same notes, JSON and log from each format of one dump."""
    image = run.path(run.case['dump'] + '.img')
    why = unflatten(tools, image, 1, run.path('vmcore.elf'))
    if why:
        return [f'-E: {why}']
    size = run.event_value('slot 2')
    if not size:
        return ['no compressed dump']
    with open(image, 'rb') as f, open(run.path('vmcore.kdump'), 'wb') as out:
        f.seek(2 * SLOT_MIB << 20)
        out.write(f.read(int(size)))
    reasons = []
    wanted = trimmed(note_bytes(image, 3 * SLOT_MIB << 20))
    with open(run.path('vmcore.json'), encoding='utf-8') as f:
        json = f.read()
    for name in ('vmcore', 'vmcore.elf', 'vmcore.kdump'):
        if trimmed(note_bytes(run.path(name))) != wanted:
            reasons.append(f'{name}: note bytes differ from /proc/vmcore')
        status, text = call([tools.iommudump, '--json', '-f', run.path(name), 'show'])
        if status or text != json:
            reasons.append(f'{name}: iommudump --json differs from /proc/vmcore')
        reasons += check_log(run, tools, name)
    for name in ('vmcore.elf', 'vmcore.kdump'):
        why, opened = readers.check(run.path(name), tools.cache, run.case['formats'] == 'crash')
        reasons += why
        run.remarks.append(f'{name} opened by {", ".join(opened)}')
    return reasons


def check_iommudump(run, tools):
    """expect-iommudump and its opposite: ARGUMENTS ~ REGEX."""
    reasons = []
    for key, wanted in (('expect-iommudump', True), ('expect-iommudump-not', False)):
        for line in run.case[key]:
            args, _, regex = run.fill_in(line).partition(' ~ ')
            status, text = call([tools.iommudump, '-f', run.path(run.case['iommudump-file']),
                                 *shlex.split(args)])
            with open(run.path('iommudump.txt'), 'a', encoding='utf-8') as f:
                f.write(f'$ iommudump {args}\n{text}')
            if bool(re.search(regex, text, re.M)) != wanted:
                reasons.append(f'iommudump {args}: {"no" if wanted else "has"} {regex!r}, '
                               f'status {status}')
    return reasons


def check_live(run, tools):
    """expect-live: of the dump iommudump says what it said of the running kernel."""
    told = dict(part.split('\n', 1) for part in run.text('live').split('$ iommudump ')[1:])
    reasons = []
    for args in run.case['expect-live']:
        _, text = call([tools.iommudump, '-f', run.path('vmcore'), *shlex.split(args)])
        with open(run.path('iommudump.txt'), 'a', encoding='utf-8') as f:
            f.write(f'$ iommudump {args}\n{text}')
        if not text.strip() or told.get(args) != text:
            reasons.append(f'iommudump {args} says something else of the running kernel')
    return reasons


def check_vmcoreinfo(run):
    """expect-vmcoreinfo: what the dead kernel's own note says of it, a line of text each."""
    if not run.case['expect-vmcoreinfo']:
        return []
    lines = note_bytes(run.path('vmcore')).decode(errors='replace').replace('\0', '\n').splitlines()
    return [f'VMCOREINFO has no {r!r}' for r in run.case['expect-vmcoreinfo']
            if not any(re.fullmatch(r, line) for line in lines)]


def check_queue(run, tools):
    """The queue that a driver gave its device, "@@ queue DEVICE IOVA": walk leads to memory, and
    of that reach names the device and the address, with the notes and without them."""
    device, iova = (run.event_value('queue') or ' ').split(' ')
    reasons = []
    for notes in ([], ['--no-notes']) if device else ():
        def ask(*args, notes=notes):
            _, text = call([tools.iommudump, '--json', *notes, '-f', run.path('vmcore'), *args])
            return json.loads(text)
        try:
            at = ask('walk', device, iova)['walks'][0]['result']['address']
            found = ask('reach', at)
            ranges = [r['iova'] for hit in found['reached_by'] if hit['why'] == 'mapped' and
                      [d['name'] for d in hit['devices']] == [device]
                      for r in found['tables'][hit['table']]['ranges']]
            if [int(r, 16) for r in ranges] != [int(iova, 16)]:
                reasons.append(f'reach {at}: {device} at {ranges}, not {iova}')
        except (KeyError, IndexError, ValueError) as e:
            reasons.append(f'walk {device} {iova}: {e!r}')
    return reasons


def check_texts(run):
    """What the loader and the crash kernel say and do not say."""
    load, crash = run.text('load.log') + run.text('plan.log'), run.crash_text()
    reasons = [f'load does not say {r!r}' for r in run.case['expect-load-says']
               if not re.search(r, load, re.M)]
    reasons += [f'crash kernel does not say {r!r}' for r in run.case['expect-crash']
                if not re.search(r, crash, re.M)]
    for r in run.case['expect-crash-not']:
        hit = re.search(f'.*(?:{r}).*', crash)
        if hit:
            reasons.append(f'crash kernel says: {hit.group(0).strip()}')
    reasons += [f'no event {r!r}' for r in run.case['expect-event']
                if not any(re.fullmatch(r, e) for e in run.events)]
    reasons += [f'event {e!r}' for r in run.case['expect-event-not']
                for e in run.events if re.fullmatch(r, e)]
    for disk in run.case['test-disks'].split():
        # a crash kernel that is to be lost tries none
        if run.end == 'finished' and f'disk-ok {disk}' not in run.events:
            reasons.append(f'{disk} does not work')
    return reasons


def judge(run, tools):
    """The reasons why a run failed its case."""
    case = run.case
    saved = case['expect-dump'] == 'yes' and case['dump'] != 'none'
    may_be_lost = case['expect-dump'] == 'any'
    reasons = []
    if case['dump'] != 'none':
        lost = check_dump(run, tools)
        if saved and lost:
            reasons.append(f'dump lost: {lost}')
        if not saved and not lost and not may_be_lost:
            reasons.append('dump saved, though it should be lost')
        run.dump_saved = not lost
    if not re.fullmatch(case['expect-end'], run.end):
        reasons.insert(0, f'ended with {run.end!r}, not {case["expect-end"]!r}')
    if case['expect-load'] not in ('', run.event_value('loaded')):
        reasons.insert(0, f'load: exit status {run.event_value("loaded")}')
    if case['expect-landed'] and not re.fullmatch(case['expect-landed'], run.landed):
        reasons.append(f'DMA landed: {run.landed}, not {case["expect-landed"]}')
    if not reasons:
        reasons += check_texts(run)
    if not reasons and saved and case['loader'] == 'ours':
        reasons += check_iommudump(run, tools) + check_live(run, tools)
        reasons += check_queue(run, tools) + check_vmcoreinfo(run)
        if case['formats'] != 'no':
            reasons += check_formats(run, tools)
    return reasons
