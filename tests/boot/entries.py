# SPDX-License-Identifier: GPL-2.0-only
"""What the kernel's debugfs prints of IOMMU tables and what iommudump says of them, both as
one dictionary: what an entry is called -> what it holds."""
import json
import re

PAGE = 4096
ADDRESS = (1 << 52) - PAGE
HEX = r'(?:0x)?([0-9a-f]+)'


class Unreadable(Exception):
    """A text is not what the kernel prints, or the document not what it should be."""


def sections(text):
    """The parts behind "## NAME" lines: (name, text) one by one."""
    parts = re.split(r'^## (.*)\n', text, flags=re.M)
    return list(zip(parts[1::2], parts[2::2]))


def add(entries, key, value):
    """One entry; a second one of that name must say the same."""
    if entries.setdefault(key, value) != value:
        raise Unreadable(f'{key}: {entries[key]}, and also {value}')


def name(key):
    """How an entry is called in a report."""
    return ' '.join(hex(k) if isinstance(k, int) and k > 9 else str(k) for k in key)


# ---- debugfs of intel-iommu, 6.1 and 7.2 (drivers/iommu/intel/debugfs.c) ------------

def regset(entries, text):
    """iommu_regset: a unit's registers."""
    wanted = {'VER', 'CAP', 'ECAP', 'GSTS', 'RTADDR', 'IRTA'}
    unit = None
    for line in text.splitlines():
        words = line.split()
        if line.startswith('IOMMU: '):
            unit = words[1]
        elif len(words) == 3 and words[0] in wanted:
            add(entries, ('register', unit, words[0]), int(words[2], 16))


def translation(entries, text):
    """dmar_translation_struct: root, context and PASID entries, high word first."""
    unit = scalable = None
    for line in text.splitlines():
        m = re.match(r'IOMMU (\w+): Root Table Address: ' + HEX, line)
        if m:
            unit = m.group(1)
            add(entries, ('root table', unit), int(m.group(2), 16))
            continue
        if line.startswith('DMA Remapping is not enabled on '):
            add(entries, ('off', line.split()[-1]), True)
        words = line.split()
        if len(words) != 5 or words[0] == 'B.D.F':
            continue
        root, context, pasid = ([int(w, 16) for w in words[i].split(':')[::-1]]
                                for i in (1, 2, 4))
        scalable = words[3] != '-1'
        bus = int(words[0].split(':')[0], 16)
        add(entries, ('root', unit, bus), tuple(root))
        add(entries, ('context', unit, words[0]), tuple(context))
        if scalable:
            add(entries, ('pasid', unit, words[0], int(words[3])), tuple(pasid))


def domain_translation(entries, text):
    """domain_translation_struct: each leaf with all entries above it. 6.1 fills up with
    zeros to five of them."""
    device = None
    for line in text.splitlines():
        m = re.match(r'Device (\S+) (?:with pasid 0 )?@' + HEX, line)
        if m:
            device = m.group(1)
            add(entries, ('table', device), int(m.group(2), 16))
            continue
        m = re.match(HEX + r' \|\s+(.*)', line)
        if not m:
            continue
        path = [int(w, 16) for w in m.group(2).split()]
        if len(path) not in (3, 4, 5):
            raise Unreadable(f'domain_translation_struct: {line}')
        leaf(entries, device, int(m.group(1), 16) * PAGE, path + [0] * (5 - len(path)))


def leaf(entries, device, iova, path):
    """One leaf, page by page: a run of ours may hold several, or parts of one."""
    level = 1 if path[4] else 2 if path[3] else 3
    pte = path[5 - level]
    size = PAGE << 9 * (level - 1)
    perm = ('r' if pte & 1 else '') + ('w' if pte & 2 else '')
    start = pte & ADDRESS & -size
    for off in range(0, size, PAGE):
        add(entries, ('page', device, iova + off), (start + off, perm))
    if level > 1:
        add(entries, ('large page', device, iova), level)


def intel_interrupts(entries, text):
    """ir_translation_struct: remapped entries, then posted ones."""
    unit = None
    for line in text.splitlines():
        m = re.match(r'(?:Remapped|Posted) Interrupt supported on IOMMU: (\w+)', line)
        if m:
            unit = m.group(1)
            continue
        m = re.match(r' IR table address:' + HEX, line)
        if m:
            add(entries, ('interrupt table', unit), int(m.group(1), 16))
            continue
        words = line.split()
        if words and words[0].isdigit() and len(words) in (6, 7):
            posted = len(words) == 7
            add(entries, ('interrupt', unit, int(words[0])),
                ('posted' if posted else 'remapped', int(words[-1], 16), int(words[-2], 16),
                 words[1], int(words[-3], 16)))


INTEL = {'iommu_regset': regset, 'dmar_translation_struct': translation,
         'domain_translation_struct': domain_translation,
         'ir_translation_struct': intel_interrupts}


# ---- debugfs of amd-iommu, 7.2 (drivers/iommu/amd/debugfs.c) ------------------------

DTE_IR_IW, DTE_MODE, DTE_GV, DTE_V = 3 << 61, 7 << 9, 1 << 55, 1
REGISTERS = {0: 'DEV_TBL', 0x18: 'CONTROL', 0x30: 'EFR'}


def amd_register(entries, unit, text):
    """mmio: one register. debugfs counts units from 0, sysfs too: iommu00 is ivhd0."""
    m = re.search(r'Offset:' + HEX + r' Value:' + HEX, text)
    if not m:
        raise Unreadable(f'mmio of {unit}: {text}')
    add(entries, ('register', f'ivhd{int(unit[5:])}', REGISTERS[int(m.group(1), 16)]),
        int(m.group(2), 16))


def amd_requester(entries, requester, text):
    """devtbl and irqtbl of one requester, high word first."""
    for line in text.splitlines():
        words = line.split()
        if words[:1] == [requester] and len(words) == 6:
            amd_dte(entries, requester, tuple(int(w, 16) for w in words[4:0:-1]))
            continue
        m = re.match(r'IRT\[(\d+)\] ' + HEX + r'(?: ' + HEX + ')?', line)
        if m:
            irte = [int(w, 16) for w in m.groups()[1:] if w][::-1]
            add(entries, ('interrupt', requester, int(m.group(1))), tuple(irte))


def amd_dte(entries, requester, dte):
    """An entry; what lets nothing pass is not worth an entry to iommudump."""
    closed = dte[0] & DTE_V and not dte[0] & (DTE_IR_IW | DTE_MODE | DTE_GV)
    if not closed:
        add(entries, ('device', requester), dte)
    if dte[2] & 1 and dte[2] >> 60 & 3 == 2:
        add(entries, ('interrupt table', requester),
            (dte[2] & ((1 << 52) - 64), 1 << (dte[2] >> 1 & 15)))


def kernel(text):
    """All that debugfs said."""
    entries = {}
    for title, part in sections(text):
        words = title.split()
        if title in INTEL:
            INTEL[title](entries, part)
        elif words[0] == 'mmio':
            amd_register(entries, words[1], part)
        elif words[0] == 'requester':
            amd_requester(entries, words[1], part)
    if not entries:
        raise Unreadable('debugfs says nothing')
    return entries


# ---- iommudump ----------------------------------------------------------------------

def number(text):
    """A number of a document: hexadecimal in quotes, or as it is."""
    return int(text, 16) if isinstance(text, str) else text


def words_of(value):
    """Raw words of a document."""
    return tuple(number(w) for w in value)


def short(requester):
    """Without the segment, as debugfs of intel-iommu has it."""
    return requester[5:]


def our_registers(entries, unit):
    """show: what is gathered of registers, put together again."""
    label = unit['name']
    if unit['vendor'] == 'vt-d':
        add(entries, ('register', label, 'CAP'), number(unit['cap']))
        add(entries, ('register', label, 'ECAP'), number(unit['ecap']))
        ttm = {'legacy': 0, 'scalable': 1}[unit['form']]
        add(entries, ('register', label, 'RTADDR'), number(unit['root']) | ttm << 10)
        add(entries, ('translation', label), unit['translation'])
        add(entries, ('register', label, 'VER'), number(unit['version']))
    elif unit['vendor'] == 'amd-vi':
        add(entries, ('register', label, 'EFR'), number(unit['cap']))
        add(entries, ('device table', label), number(unit['root']))
        add(entries, ('translation', label), unit['translation'])


def our_entry(entries, unit, e):
    """tables: one requester's way through root, context, ..."""
    path = {step['at']: words_of(step['raw']) for step in e['path']}
    if 'device table entry' in path:
        add(entries, ('device', e['requester']), path['device table entry'])
        return
    requester = short(e['requester'])
    if 'root' not in path or 'context' not in path:
        raise Unreadable(f'tables: {e["requester"]} without root and context entry')
    add(entries, ('root', unit, int(requester[:2], 16)), path['root'])
    add(entries, ('context', unit, requester), path['context'][:2])
    if 'pasid entry' in path:
        add(entries, ('pasid', unit, requester, e.get('pasid', 0)), path['pasid entry'][:3])


def vtd_interrupt(entries, unit, e):
    """An entry of the one table that a VT-d unit has."""
    low, high = words_of(e['words'])
    requester = high & 0xffff
    if e['kind'] not in ('remapped', 'posted'):
        raise Unreadable(f'tables: interrupt {e["index"]} of {unit} is {e["kind"]}')
    if e['source'] != 'any':
        requester = int(e['source'][5:7], 16) << 8 | int(e['source'][8:10], 16) << 3 | \
            int(e['source'][11:])
    add(entries, ('interrupt', unit, e['index']),
        (e['kind'], low, high, f'{requester >> 8:02x}:{requester >> 3 & 31:02x}.{requester & 7}',
         e['vector']))


def our_interrupts(entries, unit, tables):
    """tables: interrupt tables, one a unit (VT-d) or one a requester (AMD-Vi)."""
    for t in tables:
        if 'requester' not in t:
            add(entries, ('interrupt table', unit), number(t['root']))
            add(entries, ('interrupt entries', unit), t['size'])
            add(entries, ('x2apic', unit), t['x2apic'])
        else:
            add(entries, ('interrupt table', t['requester']), (number(t['root']), t['size']))
            add(entries, ('interrupt bytes', unit), t['entry_bytes'])
            add(entries, ('x2apic', unit), t['x2apic'])
        for e in t['entries']:
            if 'requester' not in t:
                vtd_interrupt(entries, unit, e)
            else:
                add(entries, ('interrupt', t['requester'], e['index']), words_of(e['words']))


def our_run(entries, device, run, start):
    """A run of maps at an address: page by page, and of which sizes they are."""
    pa, length = number(run['address']), number(run['length'])
    for off in range(0, length, PAGE):
        add(entries, ('page', device, start + off), (pa + off, run['access']))
    add(entries, ('page sizes', device, start, length),
        tuple(sorted(number(s) for s in run['page_sizes'])))


def our_maps(entries, device, doc):
    """maps: the runs of a device, and tables that are repeated elsewhere."""
    for table in [t for e in doc['entries'] if e['requester'] == device for t in e['maps']]:
        if table['more'] or table.get('error') or table['errors']:
            raise Unreadable(f'maps {device} is not complete')
        for run in table['mappings']:
            our_run(entries, device, run, number(run['iova']))
        for r in table['repeats']:
            first, size = number(r['as']), number(r['length'])
            inside = [m for m in table['mappings']
                      if first <= number(m['iova']) < first + size]
            for k in range(r['times']):
                for m in inside:
                    our_run(entries, device, m,
                            number(m['iova']) - first + number(r['iova']) + k * size)


def our_walk(entries, device, iova, doc):
    """walk: where an address of a device leads, alone."""
    for w in doc['walks']:
        if w['requester'] != device:
            continue
        r = w.get('result')
        add(entries, ('walk', device, iova),
            (number(r['address']), r['access']) if r else 'stopped')


def ours(text):
    """All that iommudump said."""
    entries = {}
    parts = sections(text)
    for (title, part), (status, _) in zip(parts[::2], parts[1::2]):
        words = title.split()
        if status.split()[:2] not in (['status', '0'], ['status', '2']):
            raise Unreadable(f'iommudump {title}: {status}')
        doc = json.loads(part)
        for unit in doc.get('units', []) if words[0] == 'show' else []:
            our_registers(entries, unit)
        for unit in doc.get('units', []) if words[0] == 'tables' else []:
            for e in unit['entries']:
                our_entry(entries, unit['unit'], e)
            our_interrupts(entries, unit['unit'], unit.get('interrupts', {}).get('tables', []))
        if words[0] == 'maps':
            our_maps(entries, words[1], doc)
        if words[0] == 'walk':
            our_walk(entries, words[1], int(words[2], 16), doc)
    return entries


def sizes(kernel_entries, device, start, length):
    """Of which sizes the pages of a range are, by debugfs."""
    found = set()
    for iova in range(start, start + length, PAGE):
        large = [level for level in (2, 3) if kernel_entries.get(
            ('large page', device, iova & -(PAGE << 9 * (level - 1)))) == level]
        found.add(PAGE << 9 * (large[0] - 1) if large else PAGE)
    return tuple(sorted(found))


def answer(kernel_entries, mine):
    """What the kernel's tables say of the addresses that were walked, of the runs found."""
    for kind, *rest in list(mine):
        if kind == 'walk':
            kernel_entries['walk', *rest] = kernel_entries.get(('page', *rest), 'stopped')
        elif kind == 'page sizes':
            kernel_entries['page sizes', *rest] = sizes(kernel_entries, *rest)
    return kernel_entries


def derive(entries):
    """From registers that only debugfs has whole: what iommudump says of them."""
    for (_, unit, reg), value in [(k, v) for k, v in entries.items() if k[0] == 'register']:
        if reg == 'GSTS':
            entries['translation', unit] = bool(value >> 31)
        elif reg == 'IRTA' and ('interrupt table', unit) in entries:
            entries['interrupt entries', unit] = 2 << (value & 15)
            entries['x2apic', unit] = bool(value >> 11 & 1)
        elif reg == 'DEV_TBL':
            entries['device table', unit] = value & ADDRESS
        elif reg == 'CONTROL':
            entries['translation', unit] = bool(value & 1)
            entries['interrupt bytes', unit] = 16 if value >> 17 & 1 else 4
            entries['x2apic', unit] = bool(value >> 17 & value >> 50 & 1)
    return entries


# ---- comparing ----------------------------------------------------------------------

# what the other side does not print as such; derive() has what follows from it
ONLY_KERNEL = {'root table', 'table', 'large page', 'off'}
OF_DEVICES = {'page', 'page sizes', 'walk'}
ONLY_REGISTERS = {'GSTS', 'IRTA', 'DEV_TBL', 'CONTROL'}


def comparable(key):
    """Is it told by both?"""
    return key[0] not in ONLY_KERNEL and not (key[0] == 'register' and key[2] in ONLY_REGISTERS)


def compare(before, mine, after):
    """The entries that differ, with the words for it; those that changed meanwhile, which
    are not decided; and those that are the same."""
    differ, moved, same = {}, [], {}
    printed = {k[1] for k in before if k[0] == 'table'}
    for key in sorted(before.keys() | mine.keys() | after.keys(), key=str):
        # debugfs prints the first device of a group alone
        if key[0] in OF_DEVICES and key[1] not in printed:
            continue
        if not comparable(key):
            continue
        a, b, c = before.get(key), mine.get(key), after.get(key)
        if a != c:
            moved.append(key)
        elif a != b:
            differ[key] = f'{name(key)}: the kernel has {show(a)}, iommudump {show(b)}'
        else:
            same[key] = a
    return differ, moved, same


def show(value):
    """A value for people."""
    if value is None:
        return 'none'
    if isinstance(value, tuple):
        return ' '.join(show(v) for v in value)
    return hex(value) if isinstance(value, int) and not isinstance(value, bool) else str(value)


def count(entries):
    """How many of each kind."""
    kinds = {}
    for key in entries:
        kinds[key[0]] = kinds.get(key[0], 0) + 1
    return kinds
