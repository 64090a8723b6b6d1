# SPDX-License-Identifier: GPL-2.0-only
"""What the host does to a machine while its guest waits at "@@ sync", just before it crashes."""
import hashlib
import struct
from functools import partial

# QEMU's q35 has its one AMD-Vi unit here (48882, 3.4.1), or its one VT-d unit (VT-d
# specification, chapter 11, for the offsets)
AMDVI, DEV_TBL, DEV_TBL_SIZE, DTE_BYTES = 0xfed80000, 0, 0x1ff, 32
ADDRESS = 0xffffffffff000
VTD = 0xfed90000
RTADDR, FECTL = 0x20, 0x38
FECTL_IM = 1 << 31
# The SMMU of QEMU's virt (hw/arm/virt.c; IHI 0070, 5.1, 5.2, 5.4 and 6.3)
SMMUV3, STRTAB_BASE, STRTAB_BASE_CFG, STE_BYTES, CD_BYTES = 0x9050000, 0x80, 0x88, 64, 64
SMMU_ADDRESS = 0xfffffffffffc0
STE_STAGE_1 = 5 << 1 | 1  # CONFIG and V
GARBAGE = 0xdeadbeefcafef00d


def read64(ram, address):
    """A 64-bit word of guest RAM."""
    return struct.unpack_from('<Q', ram, address)[0]


def edu_function(run):
    """The bus, device and function the guest gave for edu."""
    bdf = (run.event_value('armed') or run.event_value('late-sync') or '0:00:00.0').split()[0]
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


def stream_table_entry(machine, run):
    """Where edu's STE is, and before it the level 1 descriptor of that."""
    stream = edu_function(run)[0] << 8 | edu_function(run)[1]
    read = partial(read64, machine.memory())
    table = machine.qtest(f'readq {SMMUV3 + STRTAB_BASE:#x}') & SMMU_ADDRESS
    split = machine.qtest(f'readl {SMMUV3 + STRTAB_BASE_CFG:#x}') >> 6 & 31
    first = machine.offset(table + (stream >> split) * 8)
    second = read(first) & SMMU_ADDRESS
    return first, machine.offset(second + (stream & (1 << split) - 1) * STE_BYTES)


def corrupt_smmuv3(action, machine, run):
    """What is overwritten of an SMMUv3's: the register, edu's level 1 descriptor, STE, CD, its
    top page table."""
    ram = machine.memory()
    first, entry = stream_table_entry(machine, run)
    descriptor = machine.offset(read64(ram, entry) & SMMU_ADDRESS)
    table = machine.offset(read64(ram, descriptor + 8) & SMMU_ADDRESS & -4096)
    places = {'root-entry': (first, 8), 'context': (entry, STE_BYTES),
              'cd': (descriptor, CD_BYTES), 'table': (table, 4096)}
    what = action.removeprefix('corrupt-')
    if what == 'root-pointer':
        machine.qtest(f'writeq {SMMUV3 + STRTAB_BASE:#x} {GARBAGE & SMMU_ADDRESS:#x}')
        return
    if what not in places:
        raise ValueError(f'at-sync = {action}')
    at, count = places[what]
    ram[at:at + count] = struct.pack('<Q', GARBAGE) * (count // 8)


def vtd_tables(machine, base):
    """Address and length of the tables: the root, and those of the buses that have one."""
    root = machine.qtest(f'readq {base + RTADDR:#x}') & ~0xfff
    entries = struct.unpack_from('<512Q', machine.memory(), root)[::2]
    return {root: 4096, **{e & ~0xfff: 4096 for e in entries if e & 1}}


def amdvi_tables(machine, base):
    """The pages of the device table."""
    register = machine.qtest(f'readq {base + DEV_TBL:#x}')
    pages = (register & DEV_TBL_SIZE) + 1
    return {(register & ADDRESS) + page * 4096: 4096 for page in range(pages)}


def smmuv3_tables(machine, base):
    """A stream table of two levels, and the CD of each stream that has one: Linux gives one to
    a device without substreams."""
    def words(address, count):
        return struct.unpack_from(f'<{count}Q', machine.memory(), machine.offset(address))

    root = machine.qtest(f'readq {base + STRTAB_BASE:#x}') & SMMU_ADDRESS
    config = machine.qtest(f'readl {base + STRTAB_BASE_CFG:#x}')
    count = 1 << (config & 63) - (config >> 6 & 31)
    tables = {root: count * 8}
    for descriptor in words(root, count):
        if not descriptor & 31:
            continue
        entries = 1 << (descriptor & 31) - 1
        second = descriptor & SMMU_ADDRESS
        tables[second] = entries * STE_BYTES
        for ste in words(second, entries * STE_BYTES // 8)[::STE_BYTES // 8]:
            if ste & 15 == STE_STAGE_1:
                tables[ste & SMMU_ADDRESS] = CD_BYTES
    return tables


def compare_registers(machine, run, base):
    """Does each register that the guest told have the value that QEMU has?"""
    told = [e.split()[1:] for e in run.events if e.startswith('register ')]
    for offset, width, value in told:
        read = 'readq' if width == '8' else 'readl'
        found = machine.qtest(f'{read} {base + int(offset, 16):#x}')
        if found != int(value, 16):
            run.events.append(f'other-register {offset} {value}, not {found:#x}')
    run.events.append(f'compared {len(told)}')


def compare_tables(machine, run, wanted):
    """Are the tables that the guest told those that QEMU's unit has, and what is there?"""
    ram = machine.memory()
    told = {int(at, 16): (int(size), digest) for at, size, digest in
            (e.split()[1:] for e in run.events if e.startswith('table '))}
    for at in sorted(set(wanted) ^ set(told)):
        run.events.append(f'other-table {at:#x}, of one of the two')
    for at, (size, digest) in told.items():
        start = machine.offset(at)
        if (size != wanted.get(at) or
                hashlib.sha256(ram[start:start + size]).hexdigest() != digest):
            run.events.append(f'other-table {at:#x}, of {size} bytes')
    run.events.append(f'compared-tables {len(told)}')


def compare_live(machine, run):
    """What the guest told of its unit, with QEMU's own."""
    base, tables = {'amd-iommu': (AMDVI, amdvi_tables)}.get(run.case['unit'], (VTD, vtd_tables))
    if machine.arch == 'arm64':
        base, tables = SMMUV3, smmuv3_tables
    compare_registers(machine, run, base)
    compare_tables(machine, run, tables(machine, base))


def at_sync(action, machine, run):
    """Perform one of the actions of the key "at-sync"."""
    if action == 'compare-live':
        compare_live(machine, run)
        return
    if action == 'nmi':
        machine.monitor('nmi')
        return
    ram = machine.memory()
    if action == 'corrupt-image':
        at = machine.offset(run.target)
        ram[at:at + 8] = struct.pack('<Q', GARBAGE)
        return
    if machine.arch == 'arm64':
        corrupt_smmuv3(action, machine, run)
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
