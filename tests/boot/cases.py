# SPDX-License-Identifier: GPL-2.0-only
"""Boot cases: text files of "key = value" lines, read into dictionaries."""
import itertools
import os

from pairs import covering

# every key there is, with its default; README.md explains them
DEFAULTS = {
    'tier': 'full', 'default': '', 'like': '', 'about': '', 'each': [], 'pairs': '', 'twin': '', 'budget': '',
    'arch': 'x86_64', 'loader': 'ours', 'load': '-p', 'kexec': '', 'append': 'nr_cpus=1 reset_devices',
    'cmdline': 'intel_iommu=on iommu=pt', 'unit': 'intel-iommu', 'iommu': 'intremap=on',
    'emulator': 'stock', 'cpu': 'qemu64', 'cpus': '1', 'boot': 'direct', 'icount': '2',
    'memory': '768', 'crashkernel': '192M', 'qemu': '', 'verbose': 'no',
    'disks': 'nvme', 'dump': 'nvme', 'makedumpfile': '-l -d 31', 'formats': 'no',
    'test-disks': '', 'edu': 'plain', 'dma': 'sysfs', 'aim': '', 'iova': '0x80000000',
    'edu-options': '', 'late': 'no', 'refusal': '', 'at-sync': '', 'machine-check': '', 'fire-at': '', 'timeout': '120', 'silence': '30',
    'expect-load': '0', 'expect-load-says': [], 'expect-end': 'finished',
    'expect-dump': 'yes', 'expect-landed': '', 'expect-disks': '',
    'expect-event': [], 'expect-event-not': [], 'expect-crash': [], 'expect-crash-not': [],
    'kernel': 'stock', 'crash-kernel': '', 'firmware': 'seabios', 'drhd': '', 'rmrr': '', 'prepare': '', 'module': 'no', 'crash-prepare': '', 'crash-by': '', 'before-crash': '',
    'late-sync': '', 'describe': 'no',
    'image': 'bzImage', 'crash-initrd': 'plain', 'reuse': 'yes', 'iommudump-file': 'vmcore',
    'expect-iommudump': [], 'expect-iommudump-not': [], 'expect-live': [],
    'expect-vmcoreinfo': [],
}


class CaseError(Exception):
    """A case file that cannot be used."""


def read_file(path):
    """The keys of one file, those that may repeat as lists."""
    keys, key = {}, None
    with open(path, encoding='utf-8') as f:
        for number, line in enumerate(f, 1):
            more, line = line.startswith('\t'), line.strip()
            if not line or line.startswith('#'):
                continue
            if more and key:
                if isinstance(keys[key], list):
                    keys[key][-1] += ' ' + line
                else:
                    keys[key] += ' ' + line
                continue
            key, sep, value = (part.strip() for part in line.partition('='))
            if not sep or key not in DEFAULTS:
                raise CaseError(f'{path}:{number}: unknown key {key!r}')
            if isinstance(DEFAULTS[key], list):
                keys.setdefault(key, []).append(value)
            elif key in keys:
                raise CaseError(f'{path}:{number}: {key} given twice')
            else:
                keys[key] = value
    return keys


def read_case(directory, name, seen=()):
    """The keys of a case with those of the case it is like underneath."""
    if name in seen:
        raise CaseError(f'{name}: like itself')
    path = os.path.join(directory, name)
    if not os.path.isfile(path):
        raise CaseError(f'no case {name}')
    keys = read_file(path)
    if 'like' not in keys:
        return keys
    base = read_case(directory, keys['like'], seen + (name,))
    if 'tier' not in keys:
        base.pop('tier', None)
    if 'each' in keys:
        for key in ('default', 'pairs', 'twin'):
            base.pop(key, None)
    return {**base, **keys}


def fill_in(value, variables):
    """VALUE with each {variable} replaced."""
    if isinstance(value, list):
        return [fill_in(v, variables) for v in value]
    for name, word in variables.items():
        value = value.replace('{' + name + '}', word)
    return value


def axis(line):
    """The choices of an "each" line, "a,b: 1/2 3/4": [('1', {a: 1, b: 2}), ...]."""
    names, _, words = line.partition(':')
    names = [n.strip() for n in names.split(',')]
    choices = []
    for word in words.split():
        values = word.split('/')
        if len(values) != len(names):
            raise CaseError(f'each = {line}: {word}')
        choices.append((values[0], dict(zip(names, values))))
    return choices


def combinations(keys):
    """The choices that make an instance each: all combinations, or with "pairs" few."""
    axes = [axis(line) for line in keys.get('each', [])]
    if not keys.get('pairs'):
        return list(itertools.product(*axes))
    return [tuple(a[i] for a, i in zip(axes, row))
            for row in covering([len(a) for a in axes], int(keys['pairs']))]


def twin_of(choice, line):
    """CHOICE with the one word of a "twin" line in place of the axis of that name."""
    (word, variables), = axis(line)
    first = next(iter(variables))
    found = [first in chosen for _, chosen in choice]
    if sum(found) != 1:
        raise CaseError(f'twin = {line}: no "each" line has {first}')
    return tuple((word, variables) if hit else c for hit, c in zip(found, choice))


def instance(name, keys, choice):
    """The case of one choice of each axis."""
    suffix = '/'.join(word for word, _ in choice)
    variables = {k: v for _, chosen in choice for k, v in chosen.items()}
    # a value of one axis may have words of another
    variables = {k: fill_in(v, variables) for k, v in variables.items()}
    case = {**DEFAULTS, **{k: fill_in(v, variables) for k, v in keys.items()}}
    case['name'] = f'{name}/{suffix}' if suffix else name
    if case['default']:
        case['tier'] = 'default' if suffix in case['default'].split() else 'full'
    return case


def expand(name, keys):
    """The instances of a case, each one's twin behind it; one may be the twin of several."""
    found = {}
    for choice in combinations(keys):
        case = instance(name, keys, choice)
        found[case['name']] = case
        if not keys.get('twin'):
            continue
        twin = instance(name, keys, twin_of(choice, keys['twin']))
        twin = found.setdefault(twin['name'], {**twin, 'tier': 'full'})
        if case['tier'] == 'default':
            twin['tier'] = 'default'
    return found.values()


def load_all(directory):
    """Every instance of every case, by name."""
    found = []
    for name in sorted(os.listdir(directory)):
        if not name.startswith('.') and not name.endswith('~'):
            found.extend(expand(name, read_case(directory, name)))
    return found


def select(found, patterns, tier):
    """The instances that are asked for: by name or case, else by tier."""
    if not patterns:
        return [c for c in found if tier == 'full' or c['tier'] == 'default']
    chosen = []
    for p in patterns:
        hits = [c for c in found if c['name'] == p or c['name'].startswith(p + '/')]
        if not hits:
            raise CaseError(f'no case {p}')
        chosen.extend(h for h in hits if h not in chosen)
    return chosen
