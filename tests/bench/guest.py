#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""
Ratios that take a guest: guest.py PREFIX [ARCH]. Prints "NAME RATIO DETAILS" lines for run.
The environment's QEMU names the emulator of x86_64; one since 8.2 has SHA instructions there,
and then the digest is done by them.

With `-icount shift=0` one instruction takes one nanosecond of the guest's time, so the
ACPI timer, the TSC and arm64's counter count instructions, whatever the host is busy with. A
debugger's breakpoints stop the machine at the purgatory's entry and at the next kernel's first
instruction, and there the timer is read.
"""
import importlib.util
import json
import os
import re
import select
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
from importlib.machinery import SourceFileLoader

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
BOOT = os.path.join(HERE, '..', 'boot')
sys.path.insert(0, BOOT)
# pylint: disable=wrong-import-position
from cases import DEFAULTS                  # noqa: E402
from machine import QEMU, Dead, Machine     # noqa: E402

# a program, so without the ending that import wants
_spec = importlib.util.spec_from_loader(
    'boot_run', SourceFileLoader('boot_run', os.path.join(BOOT, 'run')))
_boot_run = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_boot_run)
unpack_debugcon = _boot_run.unpack_debugcon

PM_TIMER = 0x608          # QEMU's q35: PMBASE 600h, and 8 (ACPI 6.5, 4.8.3.3)
PM_HZ = 3579545
PM_WRAP = 1 << 24
ENTRY_64 = 0x200          # of a bzImage (Documentation/arch/x86/boot.rst)
COUNTER_HZ = 62500000     # CNTFRQ_EL0 of QEMU's arm64
READ_COUNTER = 0xd53be040  # mrs x0, cntvct_el0
X0, PC_ARM64 = 0, 32      # gdb's numbers
NOTE_CRASH = 0x494f4d03
REC_PURGATORY = 32
STEP_QUIESCE = 3
HOST_SECONDS = 900

ARM64 = {'arch': 'arm64', 'iommu': 'iommu=smmuv3', 'cpu': 'max', 'firmware': 'dt',
         'cmdline': 'iommu.passthrough=1'}
# Of each vendor the machine, the mode, and what the crash kernel logs when it has copied the old
# tables and when, in pci_iommu_init, the unit is set up (AMD-Vi's tables are copied long
# before, with what interrupt remapping needs).
VENDORS = {
    'vt-d': ({'cpu': 'max'}, 'copy', ('DMAR: Copied translation tables from previous kernel',
                                      r'DMAR: Intel\(R\) Virtualization Technology')),
    'amd-vi': ({'cpu': 'max', 'unit': 'amd-iommu', 'cmdline': 'iommu=pt'}, 'copy',
               ('AMD-Vi: Copied DEV table from previous kernel',
                'AMD-Vi: Interrupt remapping enabled')),
    # stock kernels copy nothing, they reset the unit
    'smmuv3': (ARM64, 'sink', ('arm-smmu-v3 .*SMMU currently enabled! Resetting',) * 2),
}


class Gdb:
    """Just enough of gdb's remote protocol."""

    def __init__(self, path, arch):
        self.pc_number = 16 if arch == 'x86_64' else PC_ARM64
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(10)
        self.socket.connect(path)
        self.data = b''
        self.send('?')
        # the machine stops for a debugger that comes, and says so besides
        while self.reply(0.5) is not None:
            pass

    def send(self, text):
        """One packet."""
        self.socket.sendall(b'$%s#%02x' % (text.encode(), sum(text.encode()) & 0xff))

    def reply(self, timeout=10):
        """The next packet's text; None when none comes in time."""
        while True:
            m = re.search(rb'\$([^#]*)#..', self.data)
            if m:
                self.data = self.data[m.end():]
                self.socket.sendall(b'+')
                return m.group(1).decode()
            if not select.select([self.socket], [], [], timeout)[0]:
                return None
            more = self.socket.recv(65536)
            if not more:
                raise Dead('the debugger has been left alone')
            self.data += more

    def ask(self, text):
        """A packet and its answer."""
        self.send(text)
        answer = self.reply()
        if answer is None or answer.startswith('E'):
            raise Dead(f'gdb {text}: {answer}')
        return answer

    def interrupt(self):
        """Stop the machine."""
        self.socket.sendall(b'\x03')
        if self.reply() is None:
            raise Dead('the machine does not stop')

    def register(self, number):
        """One of the first registers, which have 8 bytes each."""
        at = 16 * number
        return struct.unpack('<Q', bytes.fromhex(self.ask('g')[at:at + 16]))[0]

    def pc(self):
        """The instruction pointer: behind 16 registers, or 31 and a stack pointer."""
        return self.register(self.pc_number)

    def counter(self):
        """arm64's counter: the machine, whose MMU is off, is made to read it."""
        here, kept = self.pc(), self.ask('g')
        word = self.ask(f'm{here:x},4')
        self.ask(f'M{here:x},4:{struct.pack("<I", READ_COUNTER).hex()}')
        self.send('s')
        self.reply()
        ticks = self.register(X0)
        self.ask(f'M{here:x},4:{word}')
        self.ask(f'G{kept}')
        return ticks


class Clock:
    """The guest's ACPI timer, its wrap-arounds undone: read it often enough. Or arm64's
    counter, which can be read where the MMU is off."""

    def __init__(self, machine, gdb):
        self.machine, self.gdb, self.last, self.ticks = machine, gdb, None, 0

    def instructions(self, there):
        """Since the first reading, to a third of a microsecond; THERE: at a breakpoint."""
        if self.machine.arch == 'arm64':
            return self.gdb.counter() * 1e9 / COUNTER_HZ if there else None
        now = self.machine.qtest(f'inl {PM_TIMER:#x}')
        if self.last is not None:
            self.ticks += (now - self.last) % PM_WRAP
        self.last = now
        return self.ticks * 1e9 / PM_HZ


def make_case(**changes):
    """A case as tests/boot reads them, from its defaults."""
    return {**DEFAULTS, 'pattern': 1, 'name': 'bench', 'edu': 'none', 'disks': '',
            'dump': 'none', 'verbose': 'no', **changes}


class Run:
    """What unpack_debugcon asks for, and what the guest has said."""

    def __init__(self, directory):
        self.directory = directory

    def path(self, name):
        """A file of this run."""
        return os.path.join(self.directory, name)

    def text(self, name):
        """Its text."""
        with open(self.path(name), encoding='utf-8', errors='replace') as f:
            return f.read()


def events(machine, last):
    """The guest's "@@" lines until one begins with LAST."""
    seen, end = [], time.monotonic() + HOST_SECONDS
    while time.monotonic() < end:
        lines = machine.lines(1.0)
        if lines is None:
            break
        for line in lines:
            if '@@ ' not in line:
                continue
            seen.append(line.split('@@ ', 1)[1].strip())
            if seen[-1].startswith('failed'):
                raise Dead(f'the guest says: {seen[-1]}')
            if seen[-1].startswith(last):
                return seen
    raise Dead(f'no "{last}" from the guest')


def number(value):
    """A JSON number, also where it is a string in hex."""
    return int(value, 0) if isinstance(value, str) else value


def addresses(run, loader, arch):
    """Purgatory's entry and the kernel's first instruction."""
    first = ENTRY_64 if arch == 'x86_64' else 0
    if loader == 'ours':
        plan = json.loads(run.text('plan.json'))
        kernel = [s for s in plan['segments'] if s['name'] == 'kernel'][0]
        return number(plan['entry']), number(kernel['mem']) + first
    log = run.text('load.log')
    entry = re.search(r'entry\s*= (0x[0-9a-f]+|[0-9]+)', log)
    sizes = re.findall(r'segment\[\d+\]\.mem\s*= (0x[0-9a-f]+)\s*\n'
                       r'segment\[\d+\]\.memsz\s*= (0x[0-9a-f]+)', log)
    if not entry or not sizes:
        raise Dead('kexec -d prints neither entry nor segments')
    kernel = max(sizes, key=lambda s: int(s[1], 0))
    return int(entry.group(1), 0), int(kernel[0], 0) + first


def run_to(machine, gdb, clock, address):
    """
    Let the machine go to ADDRESS; the clock there. It is stopped on the way, long
    before 4.7 thousand million instructions wrap the timer round.
    """
    end = time.monotonic() + HOST_SECONDS
    gdb.ask(f'Z1,{address:x},1')
    gdb.send('c')
    while time.monotonic() < end:
        machine.lines(0)
        if gdb.reply(0.5) is None:
            gdb.interrupt()
        there = gdb.pc() == address
        if there:
            gdb.ask(f'z1,{address:x},1')
        now = clock.instructions(there)
        if there:
            return now
        gdb.send('c')
    raise Dead(f'{address:#x} is never reached')


def crash_note_ticks(machine, run):
    """TSC, or arm64's counter, from the purgatory's entry to the last unit quiesced, and to its
    end."""
    plan = json.loads(run.text('plan.json'))
    s = [s for s in plan['segments'] if s['name'] == 'handover'][0]
    start = machine.offset(number(s['mem']))
    data = machine.memory()[start:start + number(s['memsz'])]
    at = data.find(struct.pack('<I', NOTE_CRASH) + b'IOMMU\0')
    if at < 0:
        raise Dead('no crash note in the handover segment')
    at += 4 + 8
    length = struct.unpack_from('<H', data, at + 6)[0]
    end = at + struct.unpack_from('<I', data, at + 8)[0]
    at += length
    while at + 8 <= end:
        kind, _, size = struct.unpack_from('<HHI', data, at)
        if kind == REC_PURGATORY:
            ticks = struct.unpack_from('<6Q', data, at + 8 + 16)
            return ticks[STEP_QUIESCE] - ticks[0], ticks[-1] - ticks[0]
        at += 8 + (size + 3 & ~3)
    raise Dead('no record of the purgatory in the crash note')


def until_off(machine):
    """Until the machine turns itself off."""
    end = time.monotonic() + HOST_SECONDS
    while machine.lines(1.0) is not None:
        if time.monotonic() > end:
            raise Dead('the crash kernel does not end')


def crash(initrd, vendor, loader):
    """
    One crash under -icount: instructions from entry to kernel, those to the last
    quiesced unit (ours), and the crash kernel's seconds to its IOMMU's messages (the peer's).
    """
    work = tempfile.mkdtemp(prefix='bench-')
    changes, mode, messages = VENDORS[vendor]
    case = make_case(loader=loader, kexec=f'--iommu={mode}' if loader == 'ours' else '', icount='0',
                     qemu=f'-gdb unix:{work}/gdb,server=on,wait=off', **changes)
    run = Run(work)
    try:
        with Machine(case, initrd, work) as machine:
            events(machine, 'sync')
            unpack_debugcon(run)
            entry, kernel = addresses(run, loader, case['arch'])
            gdb = Gdb(f'{work}/gdb', case['arch'])
            clock = Clock(machine, gdb)
            machine.answer()
            begin = run_to(machine, gdb, clock, entry)
            spent = run_to(machine, gdb, clock, kernel) - begin
            ticks = None
            if loader == 'ours':
                # the TSC counts nanoseconds
                hz = 1e9 if case['arch'] == 'x86_64' else COUNTER_HZ
                ticks = [t * 1e9 / hz for t in crash_note_ticks(machine, run)]
            took = None
            if loader == 'peer':
                gdb.send('D')
                until_off(machine)
                unpack_debugcon(run)
                took = [logged(run.text('dmesg-crash'), m) for m in messages]
            return spent, ticks, took
    finally:
        shutil.rmtree(work, ignore_errors=True)


def logged(log, message):
    """Seconds of the crash kernel until it has logged MESSAGE."""
    m = re.search(r'\[ *([0-9.]+)\] ' + message, log)
    if not m:
        raise Dead(f'the crash kernel does not log "{message}"')
    return float(m.group(1))


def wall(initrd, changes):
    """Seconds of `kexec -p`: the best of each loader."""
    work = tempfile.mkdtemp(prefix='bench-')
    best = {}
    try:
        with Machine(make_case(**changes, refusal='wall', icount='none'), initrd, work) as machine:
            for e in events(machine, 'done'):
                word, *rest = e.split()
                if word == 'wall':
                    t = float(rest[2]) - float(rest[1])
                    best[rest[0]] = min(best.get(rest[0], t), t)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return best['ours'], best['peer']


def with_our_init(initrd, work):
    """The guest of tests/boot with the init of tests/bench in its first kernel."""
    root = os.path.join(work, 'root')
    os.mkdir(root)
    shutil.copy(os.path.join(HERE, 'init'), root)
    os.chmod(os.path.join(root, 'init'), 0o755)
    overlay = subprocess.run(['cpio', '--quiet', '-o', '-H', 'newc', '-R', '0:0'], cwd=root,
                             input=b'init\n', stdout=subprocess.PIPE, check=True).stdout
    with open(f'{initrd}/first.cpio', 'rb') as f, open(f'{work}/first.cpio', 'wb') as out:
        shutil.copyfileobj(f, out)
        out.write(overlay)
    for name in ('vmlinuz', 'vmlinux'):
        if os.path.exists(f'{initrd}/{name}'):
            os.symlink(os.path.realpath(f'{initrd}/{name}'), f'{work}/{name}')


def ratios(work, arch):
    """Print them, one a line."""
    vendors = [v for v in VENDORS if VENDORS[v][0].get('arch', 'x86_64') == arch]
    ours, peer = wall(work, ARM64 if arch == 'arm64' else {})
    print(f'load-time{"" if arch == "x86_64" else "-" + arch} {ours / peer:.3f} {ours:.2f} s, '
          f'kexec-tools {peer:.2f} s', flush=True)
    for vendor in vendors:
        peer, _, took = crash(work, vendor, 'peer')
        ours, ticks, _ = crash(work, vendor, 'ours')
        print(f'entry-to-kernel-{vendor} {ours / peer:.4f} {ours / 1e6:.1f} million '
              f'instructions, kexec-tools {peer / 1e6:.1f}; '
              f'the note says {ticks[1] / 1e6:.1f}')
        copied, stock = (t * 1e9 for t in took)
        if arch == 'arm64':
            # an SMMU is probed early: what lies between the purgatory's entry and the kernel's
            # counts there, too
            stock += ours
        print(f'entry-to-quiesced-{vendor} {ticks[0] / stock:.6f} {ticks[0] / 1e6:.3f} '
              f'million instructions, stock crash kernel {stock / 1e6:.0f}, from its first message '
              f'the old tables copied or given up at {copied / 1e6:.0f}', flush=True)


def main():
    """All ratios of the guest."""
    arch = sys.argv[2] if len(sys.argv) > 2 else 'x86_64'
    if len(sys.argv) < 2 or arch not in QEMU or not os.access(f'{sys.argv[1]}/sbin/kexec', os.X_OK):
        sys.exit('usage: guest.py PREFIX [ARCH], where "make install" has put sbin/kexec')
    if not shutil.which(QEMU[arch]):
        sys.exit(f'guest.py: no emulator {QEMU[arch]}')
    cache = os.environ.get('KEXEC_IOMMU_CACHE') or os.path.join(
        os.environ.get('XDG_CACHE_HOME') or os.path.expanduser('~/.cache'), 'kexec-iommu')
    kernel = [] if arch == 'x86_64' else [f'kernel-{arch}-6.1'] * 2 + [arch]
    initrd = subprocess.run([f'{BOOT}/mkinitrd', cache, sys.argv[1], *kernel], check=True,
                            stdout=subprocess.PIPE, text=True).stdout.split()[-1]
    work = tempfile.mkdtemp(prefix='bench-')
    try:
        with_our_init(initrd, work)
        ratios(work, arch)
    except Dead as e:
        sys.exit(f'guest.py: {e}')
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == '__main__':
    main()
