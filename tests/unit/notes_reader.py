# SPDX-License-Identifier: GPL-2.0-only
"""A reader of IOMMU notes, written from man/iommu-notes.5 and nothing else.

Each part cites the section of the page it comes from. What the page does not say must not
be here: tests/unit/notes compares this reader's answers with iommudump's.
"""
import struct
import zlib

LOAD, TABLES, CRASH, KEPT = 0x494f4d01, 0x494f4d02, 0x494f4d03, 0x494f4d04
MODES = ('off', 'record', 'copy', 'abort', 'sink', 'auto')
DOMAINS = ('unknown', 'DMA', 'DMA-FQ', 'identity', 'blocked', 'unmanaged')
REGIONS = ('other', 'direct', 'direct-relaxable', 'reserved', 'msi')
NONE = 0xffffffff
UNITS_MAX = 256 # Order
EVIDENCE = [('err', 'I'), ('level', 'I'), ('where', 'Q'), ('iova', 'Q'), ('raw_words', 'I'),
            ('requester', 'I'), ('raw', '8Q')]


# --- Where the notes are ---

def segments(data):
    """The segments of notes of a file."""
    if data[:4] == b'\x7fELF':
        phoff, = struct.unpack_from('<Q', data, 32)
        size, count = struct.unpack_from('<HH', data, 54)
        for i in range(count):
            kind, _, offset, _, _, filesz = struct.unpack_from('<IIQQQQ', data, phoff + i * size)
            if kind == 4:
                yield data[offset:offset + filesz]
    elif data[:8] == b'KDUMP   ':
        version, = struct.unpack_from('<I', data, 8)
        block, = struct.unpack_from('<I', data, 428)
        if version >= 4:
            offset, size = struct.unpack_from('<QQ', data, block + 48)
            yield data[offset:offset + size]
    else:
        yield data


def elf_notes(segment):
    """The ELF note: (offset, type, desc) of each of ours."""
    at = 0
    while at + 12 <= len(segment):
        namesz, descsz, kind = struct.unpack_from('<III', segment, at)
        if not namesz:
            break
        begin = at + 12 + (namesz + 3) // 4 * 4
        if begin + descsz > len(segment):
            raise ValueError(f'the note at {at} reaches beyond its segment')
        if segment[at + 12:at + 12 + namesz] == b'IOMMU\0':
            yield at, kind, segment[begin:begin + descsz]
        at = begin + (descsz + 3) // 4 * 4


def memory(data, phys, length):
    """Bytes of memory out of an ELF core file; None where it has not all of them."""
    phoff, = struct.unpack_from('<Q', data, 32)
    size, count = struct.unpack_from('<HH', data, 54)
    found = b''
    for i in range(count):
        kind, _, offset, _, start, filesz, memsz = struct.unpack_from('<IIQQQQQ', data,
                                                                      phoff + i * size)
        at = phys + len(found)
        if kind == 1 and start <= at < start + memsz:
            whole = data[offset:offset + filesz].ljust(memsz, b'\0')
            found += whole[at - start:at - start + length - len(found)]
    return found if len(found) == length else None


def kept(data, notes):
    """Memory that holds notes; those that were found are (offset, type, desc)."""
    for _, kind, desc in notes:
        if kind != KEPT or not head(desc) or data[:4] != b'\x7fELF':
            continue
        for _, record, payload in records(desc):
            phys, length, crc = struct.unpack_from('<QII', payload)
            found = memory(data, phys, length) if record == 48 else None
            if found and zlib.crc32(found) == crc:
                yield found


# --- The desc ---

def head(desc):
    """The head of a desc: (version, head_len, len, records, dropped), or None if it is bad."""
    if len(desc) < 24:
        return None
    magic, version, head_len, length, crc, records, dropped = struct.unpack_from('<IHHIIII', desc)
    if magic != 0x4e4d4f49 or version != 1 or not 24 <= head_len <= length <= len(desc):
        return None
    if crc != zlib.crc32(desc[:12] + bytes(4) + desc[16:length]):
        return None
    return version, head_len, length, records, dropped


def records(desc):
    """(offset in the desc, type, payload) of each record of a good desc."""
    _, at, end, _, _ = head(desc)
    while at + 8 <= end:
        kind, _, length = struct.unpack_from('<HHI', desc, at)
        if at + 8 + length > end:
            raise ValueError(f'the record at {at} reaches beyond its note')
        yield at, kind, desc[at + 8:at + 8 + length]
        at += 8 + (length + 3) // 4 * 4


# --- RECORDS: number -> name, fields, "at least" ---

RECORDS = {
    1: ('LOAD', [('time', 'Q'), ('mode', 'I'), ('arch', 'I')], 16),
    2: ('MISSING', [], 0),
    3: ('UNIT', [('id', 'I'), ('vendor', 'H'), ('segment', 'H'), ('reg_phys', 'Q'),
                 ('reg_len', 'I'), ('flags', 'I'), ('cap', 'Q'), ('ecap', 'Q'), ('root', 'Q'),
                 ('mode', 'B'), ('host_bits', 'B'), ('', '6s')], 56),
    4: ('DEVICE', [('unit', 'I'), ('group', 'I'), ('segment', 'H'), ('requester', 'H'),
                   ('vendor', 'H'), ('device', 'H'), ('class', 'I'), ('domain_type', 'B'),
                   ('mode', 'B'), ('reason', 'B'), ('', 'B')], 24),
    5: ('ALIAS', [('segment', 'H'), ('requester', 'H'), ('alias', 'I')], 8),
    6: ('REGION', [('start', 'Q'), ('end', 'Q'), ('group', 'I'), ('type', 'I')], 20),
    7: ('RESERVATION', [('start', 'Q'), ('length', 'Q')], 16),
    8: ('REGS', [('unit', 'I'), ('n', 'I')], 8),
    9: ('MEMORY', [('start', 'Q'), ('length', 'Q')], 16),
    10: ('CMA', [('start', 'Q'), ('length', 'Q')], 16),
    16: ('TABLE', [('phys', 'Q'), ('unit', 'I'), ('at', 'I'), ('raw_len', 'I'),
                   ('encoding', 'H'), ('requester', 'H')], 24),
    32: ('PURGATORY', [('flags', 'I'), ('step', 'I'), ('ticks_per_ms', 'Q'), ('ticks', '6Q'),
                       ('plan_err', 'I'), ('nmis', 'I')], 64),
    33: ('FAULTS', [('unit', 'I'), ('n', 'I')], 8),
    34: ('ACTION', [('unit', 'I'), ('mode', 'I'), ('ticks_start', 'Q'), ('ticks_end', 'Q'),
                    ('outcome', 'I'), ('err', 'I'), ('root_before', 'Q'), ('root_after', 'Q'),
                    ('kept', 'I'), ('aborted', 'I'), ('guarded', 'I'), ('sunk', 'I'),
                    ('bad', 'I'), ('invalidation', 'I')]
         + [('evidence_' + n, t) for n, t in EVIDENCE], 32),
    35: ('ENTRY', [('unit', 'I'), ('mode', 'I')] + EVIDENCE, 40),
    36: ('TRAP', [('vector', 'I'), ('step', 'I'), ('unit', 'I'), ('', 'I'), ('error', 'Q'),
                  ('pc', 'Q'), ('address', 'Q')], 16),
    48: ('KEPT', [('phys', 'Q'), ('len', 'I'), ('crc', 'I')], 16),
}
IN_LOAD, IN_TABLES, IN_CRASH = range(1, 11), (16,), (8, 32, 33, 34, 35, 36)
ELEMENTS = {'REGS': 'IIQ', 'FAULTS': '4Q'}


class Broken(Exception):
    """A record breaks a rule of Lengths."""


def length_now(kind):
    """The length of a record's structure."""
    return struct.calcsize('<' + ''.join(t for _, t in RECORDS[kind][1]))


def fields_of(kind, payload):
    """Lengths: the structure, with missing bytes as zero; and where it ends."""
    _, fields, least = RECORDS[kind]
    if len(payload) < least:
        raise Broken('shorter than "at least"')
    now, at, out = length_now(kind), 0, {}
    full = payload[:now].ljust(now, b'\0')
    for field, kinds in fields:
        values = struct.unpack_from('<' + kinds, full, at)
        out[field] = values if len(values) > 1 else values[0]
        at += struct.calcsize('<' + kinds)
    return out, now


def string(payload, at):
    """A string: the text, what follows it, and is it whole?"""
    if at >= len(payload):
        return b'', at, True
    length, = struct.unpack_from('<H', payload[at:at + 2].ljust(2, b'\0'))
    if at + 2 > len(payload) or at + 2 + length > len(payload):
        return b'', at, False
    return payload[at + 2:at + 2 + length], at + 2 + length, True


def unpacked(encoding, data, length):
    """16 TABLE: the bytes of a table."""
    if encoding == 1:
        try:
            data = zlib.decompressobj().decompress(data, length + 1)
        except zlib.error as e:
            raise Broken(str(e)) from e
    elif encoding == 0:
        data = data[:length]
    if encoding > 1 or len(data) != length:
        raise Broken('not as long as raw_len')
    return data


class Notes:
    """What all notes of a file say."""

    def __init__(self, data):
        self.load = self.purgatory = None
        self.crash = False
        self.found, self.broken = [], []
        self.units, self.actions = {}, {}
        self.regs = {LOAD: {}, CRASH: {}}
        self.rebuilt = {} # how many registers, by note and unit
        self.of = {name: [] for name, _, _ in RECORDS.values()}
        base, ours = 0, []
        for segment in segments(data):
            ours += [(base + at, kind, desc) for at, kind, desc in elf_notes(segment)]
            base += len(segment)
        for found in list(kept(data, ours)):
            shift = (len(found) + 3) // 4 * 4
            ours = list(elf_notes(found)) + [(at + shift, k, d) for at, k, d in ours]
        # Order: all NOTE_LOADs first
        for want in (LOAD, TABLES, CRASH, KEPT):
            for at, kind, desc in ours:
                if kind == want:
                    self.take_note(at, kind, desc)
        self.found.sort()

    def take_note(self, at, kind, desc):
        """One note."""
        if not head(desc):
            self.broken.append(at)
            return
        self.crash |= kind == CRASH
        content = list(records(desc))
        self.found.append((at, kind, len(content), [(k, len(p)) for _, k, p in content]))
        allowed = {LOAD: IN_LOAD, TABLES: IN_TABLES, CRASH: IN_CRASH, KEPT: (48,)}[kind]
        for offset, number, payload in content:
            if number not in allowed:
                continue
            try:
                whole = self.take_record(kind, number, payload)
            except Broken:
                whole = False
            if not whole:
                self.broken.append(at + 20 + offset)

    def take_record(self, note, number, payload):
        """One record; False: it is broken, but in part of use."""
        name = RECORDS[number][0]
        r, at = fields_of(number, payload)
        whole = True
        for field in {'LOAD': ('tool', 'release'), 'MISSING': ('source', 'why'),
                      'UNIT': ('name',), 'DEVICE': ('name', 'driver')}.get(name, ()):
            r[field], at, good = string(payload, at)
            whole &= good
        if name == 'DEVICE' and whole and at + 4 <= len(payload):
            r['requester'], = struct.unpack_from('<I', payload, at)
        if name in ELEMENTS:
            size = struct.calcsize('<' + ELEMENTS[name])
            if at + r['n'] * size > len(payload):
                raise Broken('a count of elements that are not there')
            r['element'] = [struct.unpack_from('<' + ELEMENTS[name], payload, at + i * size)
                            for i in range(r['n'])]
            at += r['n'] * size
        if name == 'REGS' and note == LOAD:
            room = max(0, min(r['n'], (len(payload) - at) // 8))
            r['unknown'] = struct.unpack_from(f'<{room}Q', payload, at)
        if name == 'TABLE':
            r['bytes'] = unpacked(r['encoding'], payload[at:], r['raw_len'])
        self.keep(note, name, r)
        return whole

    def keep(self, note, name, r):
        """Lengths, "of several"."""
        self.of[name].append(r)
        if name == 'LOAD':
            self.load = self.load or r
        elif name == 'UNIT':
            self.units.setdefault(r['id'], r)
        elif name == 'REGS':
            self.regs[note][r['unit']] = {o: v for o, _, v in r['element']}
            self.rebuilt[note, r['unit']] = sum(u != 0 for u in r.get('unknown', ()))
        elif name == 'PURGATORY':
            self.purgatory = r
        elif name == 'ACTION':
            self.actions[r['unit']] = r
