# SPDX-License-Identifier: GPL-2.0-only
"""The purgatory of a PC, entered in long mode."""
import os
import re
import socket
import struct
import time

from rig import *

QEMU = os.environ.get('QEMU', 'qemu-system-x86_64')
VTD = 0xfed90000
# CPU 0, bank 1; VAL UC EN ADDRV; MCIP and no RIPV; the address; MISC
MACHINE_CHECK = b'mce 0 1 0xb400000000000134 4 0x1234000 0'


class PageTables(Tables):
    """As CR3 takes them."""

    def leaf(self, addr, level, kind):
        return addr | (kind or 3) | (0x80 if level > 1 else 0)


class PC(Machine):
    """A q35: it splits its memory at 2 GiB when there is that much."""
    vendor, unit, unit_name = 1, VTD, 'dmar'
    layout, result_at = struct.Struct('<10Q'), 0x6000

    def __init__(self, work, base=64 * MIB, size=256 * MIB, la57=False):
        low = min(size, 2 * GIB)
        spans = [(0, low)]
        if size > low:
            spans += [(4 * GIB, 4 * GIB + size - low)]
        super().__init__(work, base, spans)
        self.la57 = la57
        self.kernel_map = 1 * MIB
        self.h.update(serial_base=0x3f8, serial_baud=115200)
        self.nmis = 0
        self.machine_checks = []  # symbols; there the CPU waits for one
        self.cpu = 'sha-ni=off'  # as most emulators have it
        self.xcr0 = 0  # as the dead kernel leaves it; 0: as the CPU resets it

    def make_maps(self):
        levels = 5 if self.la57 else 4
        kernel = PageTables(self.kernel_map, levels)
        own = PageTables(self.own_map, levels)
        for span in self.mem.spans:
            kernel.map_all(*span)
        if self.mapped_units:
            own.map(VTD, PAGE, 0x1b)  # PCD, PWT
        self.h['pgtable5' if self.la57 else 'pgtable4'] = self.own_map
        self.mem.write(self.kernel_map, kernel.bytes())
        self.write_map(own)

    def write_entry(self):
        self.mem.write(0x5000, struct.pack('<QQQQQ', self.kernel_map, self.image,
                                           8 * MIB, self.la57, self.xcr0))

    def command(self):
        return [QEMU, '-nodefaults', '-display', 'none', '-no-reboot',
                '-accel', 'tcg', '-cpu', f'max,{self.cpu}', '-m', f'{self.mem.size >> 20}M',
                '-M', 'q35,memory-backend=m', '-object',
                f'memory-backend-file,id=m,size={self.mem.size},share=on,'
                f'mem-path={self.work}/memory', '-device', 'intel-iommu',
                '-device', 'isa-debug-exit,iobase=0xf4,iosize=4',
                '-bios', f'{BUILD}/tests/purgatory/rom.bin',
                '-serial', f'file:{self.work}/serial',
                '-monitor', f'unix:{self.work}/monitor,server=on,wait=off']

    def has_booted(self, status):
        return status == 1  # isa-debug-exit: value << 1 | 1

    def attend(self, process):
        if self.nmis:
            self.send_nmis(process)
        if self.machine_checks:
            self.send_machine_checks(process)

    def send_nmis(self, process):
        while not os.path.exists(f'{self.work}/serial') or b'purgatory' not \
                in open(f'{self.work}/serial', 'rb').read():
            if process.poll() is not None:
                return
            time.sleep(0.01)
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(f'{self.work}/monitor')
            for _ in range(self.nmis):
                s.sendall(b'nmi\n')
                time.sleep(0.02)

    def instruction(self, monitor):
        """Where the CPU is; None when the machine is no more."""
        text = b''
        try:
            monitor.sendall(b'info registers\n')
            while not (at := re.search(rb'[ER]IP=([0-9a-f]+)', text)):
                more = monitor.recv(4096)
                if not more:
                    return None
                text += more
        except ConnectionError:
            return None
        return int(at[1], 16)

    def connect_monitor(self, process):
        s = socket.socket(socket.AF_UNIX)
        s.settimeout(SECONDS)
        while process.poll() is None:
            try:
                s.connect(f'{self.work}/monitor')
                break
            except (FileNotFoundError, ConnectionRefusedError):
                time.sleep(0.01)
        return s

    def send_machine_checks(self, process):
        """Each when the CPU stands in an endless loop at its symbol."""
        with self.connect_monitor(process) as s:
            for name in self.machine_checks:
                want = self.image + symbol(name)
                end = time.monotonic() + SECONDS
                while (at := self.instruction(s)) != want:
                    if at is None:
                        return
                    assert time.monotonic() < end, f'{name} is not reached'
                    time.sleep(0.01)
                s.sendall(MACHINE_CHECK + b'\n')
                self.instruction(s)  # the command before it is carried out

    def load(self):
        for name in self.machine_checks:
            self.patch[symbol(name)] = b'\xeb\xfe'
        super().load()

    def check_entry(self):
        """The next kernel was entered as the 64-bit boot protocol wants it."""
        assert self.booted, f'no next kernel: exit status {self.status}'
        rsi, cs, ds, ss, es, _, cr3, cr4, flags, xcr0 = self.result
        assert (cs, ds, ss, es) == (0x10, 0x18, 0x18, 0x18), (cs, ds, ss, es)
        assert rsi == self.h['entry_arg']
        assert cr4 == 0x20 | (0x1000 if self.la57 else 0), hex(cr4)
        assert not flags & 0x600, 'IF or DF set'
        assert xcr0 == (self.xcr0 or 'xsave=off' not in self.cpu), hex(xcr0)
        # Not ours: the decompressor wants what only the dead kernel's map has.
        assert cr3 == self.kernel_map, hex(cr3)


def case_above_4g(work):
    m = PC(work, base=4 * GIB + 64 * MIB, size=3 * GIB).run()
    m.check_entry()
    m.check_quiesced()


def case_la57(work):
    m = PC(work, la57=True).run()
    m.check_entry()
    m.check_quiesced()


def case_missing_serial(work):
    m = PC(work)
    m.h['serial_base'] = 0x2e8
    m.run()
    m.check_entry()
    assert m.serial == 'next kernel\n', m.serial


def case_unmapped_unit(work):
    m = PC(work)
    m.units = [(0x3fff00000, PAGE, 0, 1, ABORT, 7, 0),
               (VTD, PAGE, 0, 1, ABORT, 8, 0)]
    m.run()
    m.check_entry()
    traps = m.traps()
    assert len(traps) == 1, traps
    vector, step, unit, _, error, pc, address = traps[0]
    assert (vector, step, unit, error) == (14, 2, 7, 0), traps
    assert address & ~0xfff == 0x3fff00000 and m.image < pc < m.image + MIB
    assert [(a[0],) + a[4:] for a in m.actions()] == \
        [(7, 1, E_TRAP), (8, 0, 0)], m.actions()
    assert m.purgatory()[0] == RAN | DIGEST_OK | SCRATCH_CLEAN


def case_plan_nowhere(work):
    m = PC(work)
    m.after_crc = {'plan': 0x7fffff000}
    m.run()
    assert not m.booted and m.status == 0
    assert 'trap 14' in m.serial, m.serial


def case_next_kernel_traps(work):
    """Before it has an interrupt table of its own."""
    m = PC(work)
    m.region[:2] = b'\x0f\x0b'
    m.run()
    assert not m.booted and m.status == 0
    assert f'trap 6, error 0, at {m.next:x}' in m.serial, m.serial


UD2 = b'\x0f\x0b'
RETURN_TRUE = b'\xb8\x01\0\0\0\xc3'


def vector_traps(work, cpu, name):
    """
    A CPU with which the digest is function @name's, whose first instruction
    is none: it was called, and the plain one goes on behind it.
    """
    m = PC(work)
    m.cpu += cpu
    m.patch[symbol(name)] = UD2
    m.run()
    m.check_entry()
    assert m.purgatory()[0] == RAN | DIGEST_OK | SCRATCH_CLEAN
    assert [(*t[:2], t[5]) for t in m.traps()] == \
        [(6, 4, m.image + symbol(name))], m.traps()


def not_called(work, cpu, *names):
    """A CPU that has not what the functions @names need: none is called."""
    m = PC(work)
    m.cpu += cpu
    for name in names:
        m.patch[symbol(name)] = UD2
    m.run()
    m.check_entry()
    m.check_quiesced()


def claimed(work, cpu, has, name):
    """
    A CPU that is believed to have what function @name needs, and has not: the
    function traps, and the plain one goes on behind it.
    """
    m = PC(work)
    m.cpu += cpu
    m.patch[symbol(has)] = RETURN_TRUE
    m.run()
    m.check_entry()
    assert m.purgatory()[0] == RAN | DIGEST_OK | SCRATCH_CLEAN
    traps = m.traps()
    assert [t[:2] for t in traps] == [(6, 4)], traps
    assert symbol(name) <= traps[0][5] - m.image < symbol(name) + 256, traps


def case_avx2_traps(work):
    vector_traps(work, '', 'sha256_lanes_avx2')


def case_ssse3_traps(work):
    vector_traps(work, ',avx2=off', 'sha256_lanes_ssse3')


def case_no_avx2(work):
    not_called(work, ',avx2=off', 'sha256_lanes_avx2')


def case_no_ssse3(work):
    not_called(work, ',avx2=off,ssse3=off', 'sha256_lanes_avx2', 'sha256_lanes_ssse3')


def case_no_xsave(work):
    """No XCR0: what AVX2 would need of it is not there."""
    not_called(work, ',xsave=off', 'sha256_lanes_avx2')


def case_no_avx_state(work):
    """AVX2 by its own bit, but none in what XCR0 may have."""
    not_called(work, ',avx=off', 'sha256_lanes_avx2')


def case_avx2_claimed(work):
    claimed(work, ',avx2=off', 'has_avx2', 'sha256_lanes_avx2')


def case_avx2_without_xcr0(work):
    claimed(work, ',xsave=off', 'has_avx2', 'sha256_lanes_avx2')


def case_avx512_claimed(work):
    claimed(work, '', 'has_avx512', 'sha256_lanes_avx512')


def case_xcr0_kept(work):
    """The dead kernel had AVX on, and for the next one it still is."""
    m = PC(work)
    m.xcr0 = 7
    m.run()
    m.check_entry()
    m.check_quiesced()


def case_xcr0_restored(work):
    """The dead kernel had but SSE on, or AVX2 traps: it is as it was."""
    for patch in ({}, {symbol('sha256_lanes_avx2'): UD2}):
        m = PC(work)
        m.xcr0 = 3
        m.patch = patch
        m.run()
        m.check_entry()
        assert m.purgatory()[0] == RAN | DIGEST_OK | SCRATCH_CLEAN
        assert len(m.traps()) == len(patch), m.traps()


def case_sha_instructions(work):
    """Where the emulator has them (QEMU 8.2 and later)."""
    m = PC(work)
    m.cpu = 'sha-ni=on,enforce'
    m.run()
    if "doesn't support requested feature" in m.stderr:
        raise Skip('this QEMU has no SHA instructions')
    m.check_entry()
    assert m.purgatory()[0] == RAN | DIGEST_OK | SHA_CPU | SCRATCH_CLEAN
    assert not m.traps(), m.traps()


def case_sha_claimed(work):
    claimed(work, '', 'has_sha', 'sha256_lanes_sha')


def case_nmi(work):
    m = PC(work, size=128 * MIB)
    m.region = bytearray(m.region) + bytearray(24 * MIB)
    m.nmis = 3
    m.run()
    m.check_entry()
    assert m.purgatory()[10] >= 1 and 'NMIs ignored' in m.serial, m.serial


def machine_checks(work, *symbols):
    """
    MCIP is set at entry (rom.S), as where a machine check was the dead
    kernel's end: another shuts the CPU down while it is.
    """
    m = PC(work)
    m.cpu += ',avx2=off'
    m.machine_checks = symbols
    m.run()
    overflow = 1 << 62  # more than one since the bank was cleared
    assert [(*t[:2], t[4] & ~overflow, t[5] - m.image, t[6])
            for t in m.traps()] == \
        [(18, 4, 0xb400000000000134, symbol(name), 0x1234000)
         for name in symbols], m.traps()
    return m


def case_machine_check(work):
    """The digest is begun again, with plain instructions."""
    m = machine_checks(work, 'sha256_lanes_ssse3')
    m.check_entry()
    assert m.purgatory()[0] == RAN | DIGEST_OK | SCRATCH_CLEAN


def case_machine_checks(work):
    """
    Plain instructions are tried twice. There is no digest: the next kernel is
    not started, the note is whole.
    """
    m = machine_checks(work, 'sha256_lanes_ssse3', 'sha256_blocks_c',
                       'sha256_blocks_c')
    assert not m.booted and m.status == 0
    assert m.purgatory()[0] == RAN
    assert 'the next kernel is not started' in m.serial, m.serial


def case_machine_check_in_snapshot(work):
    """The unit is left alone, the rest goes on."""
    m = PC(work)
    m.machine_checks = ['vtd_snapshot']
    m.run()
    m.check_entry()
    assert [t[:3] for t in m.traps()] == [(18, 2, 0)], m.traps()
    assert [a[4:] for a in m.actions()] == [(1, E_TRAP)], m.actions()
    assert m.purgatory()[0] == RAN | DIGEST_OK | SCRATCH_CLEAN


def case_no_machine_check(work):
    """A CPU without the architecture is not asked for its registers."""
    m = PC(work)
    m.cpu += ',mca=off,mce=off'
    m.run()
    m.check_entry()
    m.check_quiesced()


new = PC
