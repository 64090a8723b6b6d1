# SPDX-License-Identifier: GPL-2.0-only
"""
What the purgatory's machines have in common: a machine whose memory is a file,
into which a test writes the image, the handover, page tables and a next
kernel, and out of which it reads the crash note.
"""
import concurrent.futures
import functools
import hashlib
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib

BUILD = os.environ.get('PURGATORY_BUILD', '.')
SECONDS = 20
MIB = 1 << 20
GIB = 1 << 30
PAGE = 4096
CHUNK = 16384

# include/handover.h
HANDOVER = struct.Struct('<QIIII QQQQ QQ' + 'II' * 6 + 'QQ QQ QQ II QII 32s')
FIELDS = ('magic version size crc flags entry entry_arg pgtable4 pgtable5 '
          'plan plan_len units units_n overrides overrides_n ranges ranges_n ram ram_n guard '
          'guard_n regions regions_n note note_len arena arena_len scratch '
          'ticks_per_ms budget_us check_budget_us serial_base serial_baud '
          'mode digest').split()
SERIAL, VGA, SKIP, HALT, SERIAL_MMIO, PANIC, PL011, REG32, PSCI_SMC, PSCI_HVC = \
    (1 << i for i in range(10))
OFF, RECORD, COPY, ABORT, SINK = range(5)
# include/iommu_notes.h
REC_REGS, REC_PURGATORY, REC_ACTION, REC_TRAP = 8, 32, 34, 36
RAN, PLAN_BAD, DIGEST_OK, DIGEST_SKIPPED, SHA_CPU, SCRATCH_CLEAN = (1 << i for i in range(6))
PLAN_CRC, PLAN_PGTABLE, PLAN_TRAP = 5, 16, 20
E_TRAP = 16

assert HANDOVER.size == 224


def header_number(before):
    """The number behind @before in include/handover.h."""
    here = os.path.dirname(os.path.abspath(__file__))
    with open(f'{here}/../../include/handover.h', encoding='ascii') as f:
        return int(re.search(re.escape(before) + r'(\d+)', f.read())[1])


def pack_unit(*fields):
    """struct handover_unit; whoever there may be behind it."""
    return struct.pack('<QIHBBIIIIQ', *fields, 0, 0, 0)


def symbol(name):
    """Offset of a symbol in the image."""
    out = subprocess.run(['nm', f'{BUILD}/purgatory/purgatory.elf'],
                         stdout=subprocess.PIPE, text=True, check=True).stdout
    return next(int(line.split()[0], 16) for line in out.splitlines()
                if line.split()[-1] == name)


def tree_digest(region):
    """The digest of one region, as include/handover.h says."""
    chunks = (region[at:at + CHUNK] for at in range(0, len(region), CHUNK))
    return hashlib.sha256(b''.join(hashlib.sha256(c).digest() for c in chunks)).digest()


class Skip(Exception):
    """What a case needs is not there."""


class Tables:
    """Page tables of 512 entries, built at the physical address they will lie at."""

    def __init__(self, at, levels):
        self.at, self.levels, self.pages = at, levels, [[0] * 512]

    def leaf(self, addr, level, kind):
        """What maps the page at @addr, by a table of @level; the last is 1."""
        raise NotImplementedError

    def map(self, addr, page, kind=None):
        table = self.pages[0]
        last = {PAGE: 1, 2 * MIB: 2}[page]
        for level in range(self.levels, last, -1):
            i = addr >> (12 + 9 * (level - 1)) & 511
            if not table[i]:
                table[i] = self.at + PAGE * len(self.pages) | 3
                self.pages.append([0] * 512)
            table = self.pages[((table[i] & ~0xfff) - self.at) // PAGE]
        i = addr >> (12 + 9 * (last - 1)) & 511
        table[i] = self.leaf(addr, last, kind)

    def unmap(self, addr):
        """The 2 MiB page around @addr becomes 4 KiB pages less one."""
        start = addr & -2 * MIB
        table = self.pages[0]
        for level in range(self.levels, 2, -1):
            entry = table[start >> (12 + 9 * (level - 1)) & 511]
            table = self.pages[((entry & ~0xfff) - self.at) // PAGE]
        table[start >> 21 & 511] = 0
        for page in range(start, start + 2 * MIB, PAGE):
            if page != addr:
                self.map(page, PAGE)

    def map_all(self, start, end):
        for addr in range(start, end, 2 * MIB):
            self.map(addr, 2 * MIB)

    def bytes(self):
        return b''.join(struct.pack('<512Q', *p) for p in self.pages)


class Memory:
    """Guest memory as a file: spans of it, one behind the other."""

    def __init__(self, path, spans):
        self.spans = spans
        self.size = sum(end - start for start, end in spans)
        self.file = open(path, 'w+b', buffering=0)
        self.file.truncate(self.size)

    def seek(self, addr):
        at = 0
        for start, end in self.spans:
            if start <= addr < end:
                break
            at += end - start
        else:
            raise ValueError(f'{addr:#x} is no memory')
        self.file.seek(addr - start + at)

    def write(self, addr, data):
        self.seek(addr)
        self.file.write(data)

    def read(self, addr, length):
        self.seek(addr)
        return self.file.read(length)


class Machine:
    """One machine about to enter the purgatory; attributes may be changed
    before run(). An architecture adds what it is made of."""
    digest_flags = DIGEST_OK
    unit_name = NotImplemented
    unit_bytes = PAGE
    vendor = NotImplemented  # enum iommu_vendor_id
    unit = NotImplemented  # where its registers are
    layout = NotImplemented  # what next.S leaves behind, and where
    result_at = NotImplemented

    def __init__(self, work, base, spans):
        self.work, self.base = work, base
        self.mem = Memory(f'{work}/memory', spans)
        self.image = base
        self.plan = base + 1 * MIB
        self.note = self.plan + 16 * PAGE
        self.arena = base + 2 * MIB
        self.own_map = base + 4 * MIB
        self.next = base + 6 * MIB
        self.region = bytearray(os.urandom(300000))
        code = open(f'{BUILD}/tests/purgatory/next.bin', 'rb').read()
        self.region[:len(code)] = code
        self.units = [(self.unit, self.unit_bytes, 0, self.vendor, ABORT, 0, 0)]
        self.h = dict.fromkeys(FIELDS, 0)
        self.h.update(
            magic=0x5245564f444e4148,
            version=header_number('#define HANDOVER_VERSION '), size=HANDOVER.size,
            flags=SERIAL | PANIC, entry=self.next, entry_arg=base + 7 * MIB,
            plan=self.plan, note=self.note, note_len=64 << 10,
            arena=self.arena, arena_len=1 * MIB,
            scratch=base + 3 * MIB, ticks_per_ms=1000000, budget_us=100000,
            check_budget_us=100000, mode=ABORT)
        self.mapped_units = True
        self.break_map = False
        self.hole = None  # not in the purgatory's own map
        self.patch = {}
        self.after_crc = {}

    def make_plan(self):
        spans = [(s, e - s) for s, e in self.mem.spans]
        arrays = (('units', [pack_unit(*u) for u in self.units]),
                  ('overrides', []),
                  ('ranges', []),
                  ('ram', [struct.pack('<QQ', *s) for s in spans]),
                  ('guard', [struct.pack('<QQ', self.base, 16 * MIB)]),
                  ('regions', [struct.pack('<QQ', self.next,
                                           len(self.region))]))
        plan = b''
        for name, items in arrays:
            self.h[name] = len(plan)
            self.h[name + '_n'] = len(items)
            plan += b''.join(items)
        self.h['plan_len'] = len(plan)
        return plan

    def make_maps(self):
        """Writes the purgatory's page tables, and the dead kernel's."""
        raise NotImplementedError

    def write_map(self, own):
        """Of all memory; the units are in it."""
        for span in self.mem.spans:
            own.map_all(*span)
        if self.hole:
            own.unmap(self.hole)
        self.mem.write(self.own_map,
                       bytes(PAGE) if self.break_map else own.bytes())

    def write_entry(self):
        """Writes what rom.S reads."""
        raise NotImplementedError

    def command(self):
        raise NotImplementedError

    def has_booted(self, status):
        """Did the next kernel end the machine, by exit status @status?"""
        raise NotImplementedError

    def attend(self, process):
        """Does to the running machine what the test is about."""

    def load(self):
        image = bytearray(
            open(f'{BUILD}/purgatory/purgatory.bin', 'rb').read())
        magic, at, size = struct.unpack_from('<QII', image, 8)
        assert magic == 0x56525550584b4d4f and size == HANDOVER.size
        plan = self.make_plan()
        self.make_maps()
        if not self.h['digest']:
            self.h['digest'] = tree_digest(self.region)
        raw = HANDOVER.pack(*(self.h[f] for f in FIELDS))
        self.h['crc'] = zlib.crc32(plan, zlib.crc32(raw))
        self.h.update(self.after_crc)
        image[at:at + size] = HANDOVER.pack(*(self.h[f] for f in FIELDS))
        for where, code in self.patch.items():
            image[where:where + len(code)] = code
        self.mem.write(self.image, image)
        self.mem.write(self.plan, plan)
        self.mem.write(self.next, self.region)
        self.write_entry()

    def run(self):
        self.load()
        with subprocess.Popen(self.command(), stdin=subprocess.DEVNULL,
                              stderr=subprocess.PIPE) as process:
            try:
                self.attend(process)
                _, err = process.communicate(timeout=SECONDS)
            except subprocess.TimeoutExpired:
                raise AssertionError('the machine hangs')
            finally:
                process.kill()
        self.status = process.returncode
        self.serial = open(f'{self.work}/serial', encoding='latin1').read()
        self.stderr = err.decode()
        self.booted = self.has_booted(self.status) and 'next kernel' in self.serial
        self.result = self.layout.unpack(self.mem.read(self.result_at, self.layout.size))
        return self

    def notes(self):
        """(type, payload) of the crash note, which must be whole."""
        raw = self.mem.read(self.note, self.h['note_len'])
        namesz, descsz, kind = struct.unpack_from('<III', raw)
        assert raw[12:18] == b'IOMMU\0' and namesz == 6, raw[:20]
        assert kind == 0x494f4d03
        magic, version, head, length, crc, records, self.dropped = \
            struct.unpack_from('<IHHIIII', raw, 20)
        desc = bytearray(raw[20:20 + length])
        desc[12:16] = bytes(4)
        assert zlib.crc32(desc) == crc, 'crash note: wrong checksum'
        at, found = head, []
        while at < length:
            rec, _, n = struct.unpack_from('<HHI', desc, at)
            found.append((rec, bytes(desc[at + 8:at + 8 + n])))
            at += 8 + (n + 3 & ~3)
        assert len(found) == records
        return found

    def record(self, kind):
        return [p for t, p in self.notes() if t == kind]

    def purgatory(self):
        """flags, step, ticks_per_ms, ticks[6], plan_err, nmis."""
        return struct.unpack('<II7QII', self.record(REC_PURGATORY)[0])

    def actions(self):
        """unit, mode, start, end, outcome, err."""
        return [struct.unpack_from('<IIQQII', p)
                for p in self.record(REC_ACTION)]

    def traps(self):
        """vector, step, unit, pad, error, pc, address."""
        return [struct.unpack('<IIIIQQQ', p) for p in self.record(REC_TRAP)]


    def check_quiesced(self, outcome=0, err=0):
        flags, step, _, *rest = self.purgatory()
        assert flags == RAN | self.digest_flags | SCRATCH_CLEAN, flags
        assert step == 5 and rest[6] == 0, (step, rest)
        assert rest[:6] == sorted(rest[:6]) and rest[0]
        assert [a[4:] for a in self.actions()] == [(outcome, err)], self.actions()
        assert not self.dropped
        assert not self.traps()
        regs = self.record(REC_REGS)
        assert len(regs) == 1 and struct.unpack_from('<I', regs[0], 4)[0] > 5

    def check_entry(self):
        """The next kernel was entered as its boot protocol wants it."""
        raise NotImplementedError

    def set_mode(self, mode):
        self.units = [(self.unit, self.unit_bytes, 0, self.vendor, mode, 0, 0)]


def attempt(name, run):
    """Name, what went wrong, why it was left out, and what the machine said."""
    with tempfile.TemporaryDirectory(prefix='purgatory-') as work:
        trouble = skip = ''
        try:
            run(work)
        except Skip as e:
            skip = str(e)
        except (AssertionError, LookupError, OSError, struct.error) as e:
            trouble = f'{type(e).__name__} {e}'
        serial = f'{work}/serial'
        said = ''
        if os.path.exists(serial):
            said = open(serial, encoding='latin1').read()
        return name, trouble, skip, said


def main(qemu, common, module):
    args = sys.argv[1:]
    verbose = '-v' in args
    wanted = [a for a in args if a != '-v']
    if not shutil.which(qemu):
        print(f'1..0 # SKIP {qemu} is not installed')
        return 77
    cases = [(n[5:], functools.partial(f, module.new)) for n, f in vars(common).items()
             if n.startswith('case_')]
    cases += [(n[5:], f) for n, f in vars(module).items() if n.startswith('case_')]
    cases = [(n, f) for n, f in cases if not wanted or n in wanted]
    print(f'1..{len(cases)}')
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        results = pool.map(lambda c: attempt(*c), cases)
        for i, (name, trouble, skip, serial) in enumerate(results, 1):
            failed += bool(trouble)
            print(f'not ok {i} - {name}: {trouble}' if trouble else
                  f'ok {i} - {name}' + (f' # SKIP {skip}' if skip else ''))
            if verbose or trouble:
                print('# ' + serial.replace('\n', '\n# '))
            sys.stdout.flush()
    print(f'# {len(cases) - failed} of {len(cases)} passed')
    return 1 if failed else 0
