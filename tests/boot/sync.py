# SPDX-License-Identifier: GPL-2.0-only
"""What the host does to a machine while its guest waits at "@@ sync", just before it crashes."""
import struct

# QEMU's q35 has its one AMD-Vi unit here (48882, 3.4.1), or its one VT-d unit (VT-d
# specification, chapter 11, for the offsets)
AMDVI, DEV_TBL, DTE_BYTES = 0xfed80000, 0, 32
ADDRESS = 0xffffffffff000
VTD = 0xfed90000
RTADDR, FECTL = 0x20, 0x38
FECTL_IM = 1 << 31
GARBAGE = 0xdeadbeefcafef00d


def read64(ram, address):
    """A 64-bit word of guest RAM."""
    return struct.unpack_from('<Q', ram, address)[0]


def edu_function(run):
    """The bus, device and function the guest gave for edu."""
    bdf = (run.event_value('armed') or '0:00:00.0').split()[0]
    bus, slot = bdf.split(':')[1:]
    device, function = slot.split('.')
    return int(bus, 16), int(device, 16) << 3 | int(function, 16)


def context_entry(machine, run):
    """Where edu's legacy-mode root and context entries are."""
    bus, devfn = edu_function(run)
    root = machine.qtest(f'readq {VTD + RTADDR:#x}') & ~0xfff
    entry = root + bus * 16
    return entry, (read64(machine.memory(), entry) & ~0xfff) + devfn * 16


def corrupt_amdvi(action, machine, run):
    """What is overwritten of AMD-Vi's: the register, edu's entry, its top page table."""
    ram = machine.memory()
    bus, devfn = edu_function(run)
    table = machine.qtest(f'readq {AMDVI + DEV_TBL:#x}') & ADDRESS
    entry = table + (bus << 8 | devfn) * DTE_BYTES
    if action == 'corrupt-root-pointer':
        machine.qtest(f'writeq {AMDVI + DEV_TBL:#x} {GARBAGE & ~0xfff:#x}')
    elif action == 'corrupt-context':
        ram[entry:entry + DTE_BYTES] = struct.pack('<Q', GARBAGE) * (DTE_BYTES // 8)
    elif action == 'corrupt-table':
        table = read64(ram, entry) & ADDRESS
        ram[table:table + 4096] = struct.pack('<Q', GARBAGE) * 512
    else:
        raise ValueError(f'at-sync = {action}')


def at_sync(action, machine, run):
    """Perform one of the actions of the key "at-sync"."""
    if action == 'nmi':
        machine.monitor('nmi')
        return
    ram = machine.memory()
    if action == 'corrupt-image':
        ram[run.target:run.target + 8] = struct.pack('<Q', GARBAGE)
        return
    if run.case['unit'] == 'amd-iommu':
        corrupt_amdvi(action, machine, run)
        return
    root, context = context_entry(machine, run)
    if action == 'mask-fault-interrupt':
        machine.qtest(f'writel {VTD + FECTL:#x} {FECTL_IM:#x}')
    elif action == 'corrupt-root-pointer':
        machine.qtest(f'writeq {VTD + RTADDR:#x} {GARBAGE & ~0xfff:#x}')
    elif action == 'corrupt-root-entry':
        ram[root:root + 16] = struct.pack('<QQ', GARBAGE, GARBAGE)
    elif action == 'corrupt-context':
        ram[context:context + 16] = struct.pack('<QQ', GARBAGE, GARBAGE)
    elif action == 'corrupt-table':
        table = read64(ram, context) & ~0xfff
        ram[table:table + 4096] = struct.pack('<Q', GARBAGE) * 512
    else:
        raise ValueError(f'at-sync = {action}')
