# SPDX-License-Identifier: GPL-2.0-only
"""The purgatory of an arm64 machine, entered with the MMU off."""
import os
import struct

from rig import *

QEMU = os.environ.get('QEMU', 'qemu-system-aarch64')
RAM = 1 * GIB
SMMU = 0x09050000
UART = 0x09000000
NOWHERE = 0x30000000
# words.h
HOW_VHE, HOW_SERROR = 1, 2
# ESR_ELx.EC
EC_UNKNOWN, EC_FP, EC_INSTRUCTION_ABORT, EC_DATA_ABORT, EC_SERROR = 0, 7, 0x21, 0x25, 0x2f
UDF = b'\0\0\0\0'


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
    # Of another vendor: what there is to read is read, and that is all.
    vendor, unit, unit_name = 1, SMMU, 'dmar'
    switched = 1, 17
    layout, result_at = struct.Struct('<9Q'), RAM + 0x206000

    def __init__(self, work, el2=False, vhe=False, base=RAM + 64 * MIB, size=256 * MIB):
        super().__init__(work, base, [(RAM, RAM + size)])
        self.el2, self.how = el2 or vhe, HOW_VHE if vhe else 0
        self.cpu = 'max' if vhe else 'cortex-a57'
        self.h.update(serial_base=UART, ticks_per_ms=62500)
        self.h['flags'] |= SERIAL_MMIO | PL011
        self.secure = False

    def make_maps(self):
        own = PageTables(self.own_map, 4)
        own.map(UART, PAGE, 'device')
        if self.mapped_units:
            own.map(SMMU, PAGE, 'device')
        self.h['pgtable4'] = self.own_map
        self.write_map(own)

    def write_entry(self):
        self.mem.write(RAM + 0x205000, struct.pack('<QQ', self.image, self.how))

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
                '-serial', f'file:{self.work}/serial']

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
        if self.el2:
            assert hcr >> 34 & 1 == self.how & HOW_VHE and not hcr & 0x20, hex(hcr)


def case_el1(work):
    m = Virt(work).run()
    m.check_entry()


def case_el2(work):
    m = Virt(work, el2=True).run()
    m.check_entry()


def case_vhe(work):
    m = Virt(work, vhe=True).run()
    m.check_entry()


new = Virt
