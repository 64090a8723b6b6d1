# SPDX-License-Identifier: GPL-2.0-only
"""The purgatory of an arm64 machine, entered with the MMU off."""
import os
import struct

from rig import *

QEMU = os.environ.get('QEMU', 'qemu-system-aarch64')
RAM = 1 * GIB
SMMU, SMMU_BYTES = 0x09050000, 0x20000
UART = 0x09000000
NOWHERE = 0x0b000000
# words.h
HOW_VHE, HOW_SERROR, HOW_PIE = 1, 2, 4
# ESR_ELx.EC
EC_UNKNOWN, EC_DATA_ABORT, EC_SERROR = 0, 0x25, 0x2f
UDF = b'\0\0\0\0'
RETURN_FALSE = bytes.fromhex('00008052c0035fd6')  # mov w0, #0; ret


class PageTables(Tables):
    """As TTBR0 takes them: granule of 4 KiB."""

    def leaf(self, addr, level, kind):
        low = 1 if level > 1 else 3
        if kind == 'device':
            return addr | low | 0x400 | 3 << 53
        return addr | low | 0x704


class Virt(Machine):
    """QEMU's virt."""
    digest_flags = DIGEST_OK | SHA_CPU
    vendor, unit, unit_name = 3, SMMU, 'unit '
    unit_bytes = SMMU_BYTES
    layout, result_at = struct.Struct('<9Q'), RAM + 0x206000

    def __init__(self, work, el2=False, vhe=False, base=RAM + 64 * MIB, size=256 * MIB):
        super().__init__(work, base, [(RAM, RAM + size)])
        self.el2, self.how = el2 or vhe, HOW_VHE if vhe else 0
        self.cpu = 'max' if vhe else 'cortex-a57'
        self.arena = base + 16 * MIB
        self.h.update(serial_base=UART, ticks_per_ms=62500, arena=self.arena,
                      arena_len=16 * MIB)
        self.h['flags'] |= SERIAL_MMIO | PL011
        # As the dead kernel leaves it: vector registers trap.
        self.traps_control = 0x37ff if self.el2 and not vhe else 0
        self.device = []  # more pages in the map
        self.no_map = False
        self.icount = False

    def make_maps(self):
        own = PageTables(self.own_map, 4)
        own.map(UART, PAGE, 'device')
        pages = list(self.device)
        if self.mapped_units:
            pages += range(SMMU, SMMU + SMMU_BYTES, PAGE)
        for page in pages:
            own.map(page, PAGE, 'device')
        self.h['pgtable4'] = 0 if self.no_map else self.own_map
        self.write_map(own)

    def write_entry(self):
        self.mem.write(RAM + 0x205000, struct.pack('<QQQ', self.image, self.how,
                                                         self.traps_control))

    def command(self):
        virtualization = 'on' if self.el2 or self.how & HOW_SERROR else 'off'
        return [QEMU, '-nodefaults', '-display', 'none', '-no-reboot', '-accel', 'tcg',
                '-cpu', self.cpu, '-m', f'{self.mem.size >> 20}M',
                '-M', f'virt,gic-version=3,iommu=smmuv3,virtualization={virtualization},'
                'memory-backend=m',
                '-object', f'memory-backend-file,id=m,size={self.mem.size},share=on,'
                f'mem-path={self.work}/memory',
                '-semihosting-config', 'enable=on,target=native',
                '-bios', f'{BUILD}/tests/purgatory/rom.bin',
                '-serial', f'file:{self.work}/serial',
                *(['-icount', 'shift=0'] if self.icount else [])]

    def has_booted(self, status):
        return status == 1

    def check_entry(self):
        """The next kernel was entered as Documentation/arch/arm64/booting.rst wants it."""
        assert self.booted, f'no next kernel: exit status {self.status} {self.stderr}'
        x0, x1, x2, x3, el, daif, sctlr, traps, hcr = self.result
        assert x0 == self.h['entry_arg'] and (x1, x2, x3) == (0, 0, 0), self.result
        assert el == (8 if self.el2 else 4), el
        assert daif == 0x3c0, hex(daif)
        assert not sctlr & 5, hex(sctlr)  # C, M
        assert traps == self.traps_control, hex(traps)
        if self.el2:
            assert hcr >> 34 & 1 == self.how & HOW_VHE and not hcr & 0x20, hex(hcr)


EVERY_LEVEL = {'el1': {}, 'el2': {'el2': True}, 'vhe': {'vhe': True}}


def at_every_level(work, prepare, check):
    """One machine for each exception level that the purgatory may be entered at."""
    for name, how in EVERY_LEVEL.items():
        os.mkdir(f'{work}/{name}')
        m = Virt(f'{work}/{name}', **how)
        prepare(m)
        m.run()
        try:
            check(m)
        except AssertionError as e:
            raise AssertionError(f'{name}: {e}; {m.serial}')


def check_goes_on(m, *traps):
    """
    To the next kernel, with these exceptions recorded: class, step, address of the
    device.
    """
    m.check_entry()
    found = [(t[0], t[1], t[6] & ~0x1f) for t in m.traps()]
    assert found == list(traps), [list(map(hex, t)) for t in m.traps()]
    assert m.purgatory()[0] & ~SHA_CPU == RAN | DIGEST_OK | SCRATCH_CLEAN


def case_every_level(work):
    def check(m):
        m.check_entry()
        m.check_quiesced()
    at_every_level(work, lambda m: None, check)


def case_above_4g(work):
    m = Virt(work, base=4 * GIB + 64 * MIB, size=4 * GIB).run()
    m.check_entry()
    m.check_quiesced()


def unit_at(m, address):
    m.units = [(address, SMMU_BYTES, 0, 3, RECORD, 7, 0),
               (SMMU, SMMU_BYTES, 0, 3, RECORD, 8, 0)]


def check_unit_left(m, status):
    check_goes_on(m, (EC_DATA_ABORT, 2, NOWHERE))
    assert m.traps()[0][2] == 7 and m.traps()[0][4] & 0x3f == status, m.traps()
    assert m.image < m.traps()[0][5] < m.image + MIB
    assert [(a[0],) + a[4:] for a in m.actions()] == [(7, 1, E_TRAP), (8, 3, 0)], m.actions()


def case_unmapped_unit(work):
    at_every_level(work, lambda m: unit_at(m, NOWHERE),
                   lambda m: check_unit_left(m, 6))  # translation fault, level 2


def case_no_device_at_unit(work):
    """Mapped, but nobody answers: an external abort."""
    def prepare(m):
        unit_at(m, NOWHERE)
        m.device = [NOWHERE]
    at_every_level(work, prepare, lambda m: check_unit_left(m, 0x10))


def case_serror_at_entry(work):
    """The dead kernel's: recorded, and no step is lost for it."""
    m = Virt(work)
    m.how = HOW_SERROR
    m.run()
    m.check_entry()
    traps = m.traps()
    assert [(t[0], t[1]) for t in traps] == [(EC_SERROR, 0)], traps
    assert [a[4:] for a in m.actions()] == [(0, 0)], m.actions()
    assert m.purgatory()[0] == RAN | DIGEST_OK | SHA_CPU | SCRATCH_CLEAN


def case_permission_indirection(work):
    """The dead kernel has it on, which gives the map's bits other meanings."""
    def prepare(m):
        m.cpu = 'max'
        m.how |= HOW_PIE

    def check(m):
        if m.status == 2:
            raise Skip('this QEMU has no FEAT_S1PIE')
        m.check_entry()
        m.check_quiesced()
    at_every_level(work, prepare, check)


def case_registers_trap(work):
    """Whoever is at EL2 hides what the CPU says it has: recorded, and all goes on."""
    def prepare(m):
        m.patch[symbol('arm_plain_page_tables')] = UDF

    def check(m):
        m.check_entry()
        traps = m.traps()
        assert [(t[0], t[1], t[5] - m.image) for t in traps] == \
            [(EC_UNKNOWN, 0, symbol('arm_plain_page_tables'))], traps
        assert [a[4:] for a in m.actions()] == [(0, 0)], m.actions()
    at_every_level(work, prepare, check)


def case_reset(work):
    """By the instruction that there is at each level."""
    def prepare(m):
        m.h['digest'] = b'\x5a' * 32

    def check(m):
        assert not m.booted and m.status == 0, m.status
        assert 'resetting the machine' in m.serial
    at_every_level(work, prepare, check)


def case_reset_by_either(work):
    """What the handover says is not true, or not there: the other is tried."""
    for el, flags in ((False, PSCI_SMC), (False, PSCI_HVC), (False, 0), (True, PSCI_HVC)):
        m = Virt(work, el2=el)
        m.h['digest'] = b'\x5a' * 32
        m.h['flags'] |= flags
        m.run()
        assert not m.booted and m.status == 0, (el, flags, m.status)


def case_no_map(work):
    """All that is done is done with the MMU off."""
    def prepare(m):
        m.no_map = True

    def check(m):
        check_goes_on(m)
        assert [a[4:] for a in m.actions()] == [(0, 0)], m.actions()
        assert not m.purgatory()[0] & SHA_CPU
    at_every_level(work, prepare, check)


def case_no_sha2(work):
    def prepare(m):
        m.patch[symbol('has_sha2')] = RETURN_FALSE
        m.patch[symbol('sha256_lanes_sha2')] = UDF

    def check(m):
        check_goes_on(m)
        assert not m.purgatory()[0] & SHA_CPU
    at_every_level(work, prepare, check)


def case_sha2_traps(work):
    """An instruction that does not exist: the plain digest goes on behind it."""
    def prepare(m):
        m.patch[symbol('sha256_lanes_sha2')] = UDF

    def check(m):
        m.check_entry()
        traps = m.traps()
        assert [(t[0], t[1], t[5] - m.image) for t in traps] == \
            [(EC_UNKNOWN, 4, symbol('sha256_lanes_sha2'))], traps
    at_every_level(work, prepare, check)


def case_missing_serial(work):
    """Costs the console alone."""
    m = Virt(work)
    m.h['serial_base'] = NOWHERE
    m.run()
    check_goes_on(m, (EC_DATA_ABORT, 1, NOWHERE))
    assert m.serial == 'next kernel\n', m.serial
    assert [a[4:] for a in m.actions()] == [(0, 0)], m.actions()


def uart_8250(work, flag, stride, pack):
    """Its registers are memory here, that always says that it is ready."""
    m = Virt(work)
    at = m.base + 8 * MIB
    m.h['serial_base'] = at
    m.h['flags'] = m.h['flags'] & ~PL011 | flag
    m.mem.write(at + 5 * stride, pack(0x20))
    m.run()
    m.check_entry()
    assert m.serial == 'next kernel\n', m.serial
    assert m.mem.read(at, 4) == b'\n\0\0\0'


def case_8250(work):
    uart_8250(work, 0, 1, lambda v: struct.pack('<B', v))


def case_8250_words(work):
    uart_8250(work, REG32, 4, lambda v: struct.pack('<I', v))


def case_stuck_8250(work):
    m = Virt(work)
    m.h['serial_base'] = m.base + 8 * MIB
    m.h['flags'] &= ~PL011
    m.run()
    m.check_entry()
    m.check_quiesced()


def case_plan_nowhere(work):
    m = Virt(work)
    m.after_crc = {'plan': 0x7fffff000}
    m.run()
    assert not m.booted and m.status == 0
    assert 'trap 37' in m.serial, m.serial


def case_next_kernel_traps(work):
    """Before it has vectors of its own."""
    def prepare(m):
        m.region[:4] = UDF

    def check(m):
        assert not m.booted and m.status == 0
        assert f'trap 0, error 2000000, at {m.next:x}' in m.serial, m.serial
    at_every_level(work, prepare, check)


def instructions_a_byte(work, how):
    """Of the digest: CNTVCT at 62.5 MHz, while an instruction takes a nanosecond."""
    m = Virt(work, **how)
    m.icount = True
    m.region = bytearray(m.region) + bytearray(4 * MIB)
    m.run()
    m.check_entry()
    ticks = m.purgatory()[3:9]
    return (ticks[4] - ticks[3]) * 16 / len(m.region)


def case_instructions_a_byte(work):
    """kexec-tools' purgatory takes 55, here it is a fifth of that at most."""
    n = instructions_a_byte(work, {})
    assert 2 < n <= 11, n


new = Virt
