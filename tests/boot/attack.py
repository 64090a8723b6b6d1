# SPDX-License-Identifier: GPL-2.0-only
"""A device that attacks what the purgatory reads and keeps. The host plays its driver: it
fires the device from outside, when the purgatory says that it is done with the unit.

Two edu devices: the attacker, which the first kernel has in pass-through, writes one entry of
the tables that the victim is translated by. The victim's DMA goes to the loaded crash kernel
then, if anybody still believes that entry.

"entry" also changes a context entry whenever the guest has read it, which no device of QEMU's
can do: the debugger's interface to the machine stops it there. The victim's is one of them, and
some that no device has: of two reads, the first is the evil one of these or of those."""
import re
import socket
import struct
import threading
import time

from sync import context_entry, edu_function, read64

DONE = 'kexec-iommu: dmar0: '  # what the purgatory says behind a unit
EDU = 0x11e81234
CONFIG_ADDRESS, CONFIG_DATA = 0xcf8, 0xcfc
ECAM = 0x4010000000  # of QEMU's virt (hw/arm/virt.c)
COMMAND, BAR0 = 4, 0x10
MEMORY_MASTER = 6
SRC, DST, COUNT, CMD = 0x80, 0x88, 0x90, 0x98
RUN, TO_RAM = 1, 2
BUFFER = 0x40000
PAGE, ENTRY = 4096, 16
READ_WRITE, LARGE = 3, 1 << 7
SECONDS = 60


class Edu:
    """An edu device, by its registers."""

    def __init__(self, machine, devfn):
        self.machine, self.devfn = machine, devfn
        self.bar = config(machine, devfn, BAR0) & ~0xf

    def start(self, source, target, count, command):
        """Start a DMA; the device carries it out 100 ms later."""
        for register, value in ((SRC, source), (DST, target), (COUNT, count),
                                (CMD, command | RUN)):
            self.machine.qtest(f'writeq {self.bar + register:#x} {value:#x}')

    def finish(self):
        """Wait for its end."""
        end = time.monotonic() + SECONDS
        while self.machine.qtest(f'readq {self.bar + CMD:#x}') & RUN:
            if time.monotonic() > end:
                raise OSError('the attacker\'s DMA does not end')


def config(machine, devfn, register, value=None):
    """Read a function's configuration space, bus 0, or write it."""
    if machine.arch == 'arm64':
        at = ECAM + (devfn << 12 | register)
        if value is None:
            return machine.qtest(f'readl {at:#x}')
        return machine.qtest(f'writel {at:#x} {value:#x}')
    machine.qtest(f'outl {CONFIG_ADDRESS:#x} {0x80000000 | devfn << 8 | register:#x}')
    if value is None:
        return machine.qtest(f'inl {CONFIG_DATA:#x}')
    return machine.qtest(f'outl {CONFIG_DATA:#x} {value:#x}')


def other_edu(machine, victim):
    """The edu device that is not the victim, enabled."""
    for devfn in range(0, 256, 8):
        if devfn != victim and config(machine, devfn, 0) == EDU:
            config(machine, devfn, COMMAND, MEMORY_MASTER)
            return Edu(machine, devfn)
    raise OSError('no second edu device')


def leaf_table(ram, context, iova):
    """The last page table on the way to IOVA from a context entry of legacy mode."""
    levels = (read64(ram, context + 8) & 7) + 2
    table = read64(ram, context) & ~0xfff
    for level in range(levels - 1, 0, -1):
        table = read64(ram, table + (iova >> 12 + 9 * level & 511) * 8) & ~0xfff
    return table


class Watch(threading.Thread):
    """Entries that are other ones after each read of theirs, from now on: good and evil in
    turn, and every second one evil at first. At the end all are good. The purgatory's
    addresses are physical ones; no kernel has any as low."""

    def __init__(self, machine, entries, good, evil):
        super().__init__(daemon=True)
        self.ram, self.good, self.evil = machine.memory(), good, evil
        self.reads, self.stop, self.rest = dict.fromkeys(entries, 0), threading.Event(), b''
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(f'{machine.work}/gdb')
        for n, entry in enumerate(entries):
            self.reads[entry] = n & 1
            self.put(entry)
            self.ask(f'Z3,{entry + ENTRY - 1:x},1')  # it has been read to its end

    def put(self, entry):
        """What the next read finds."""
        self.ram[entry:entry + ENTRY] = self.evil if self.reads[entry] & 1 else self.good

    def send(self, text):
        """One packet of the protocol of gdb's remote targets."""
        self.socket.sendall(b'$%s#%02x' % (text.encode(), sum(text.encode()) & 0xff))

    def packet(self):
        """The next packet that comes; empty at the end of the machine."""
        while b'#' not in self.rest or len(self.rest) - self.rest.index(b'#') < 3:
            more = self.socket.recv(4096)
            if not more:
                return ''
            self.rest += more
        text, _, rest = self.rest.partition(b'#')
        self.rest = rest[2:]
        self.socket.sendall(b'+')
        return text.lstrip(b'+').lstrip(b'$').decode()

    def ask(self, text):
        """A command that has an answer."""
        self.send(text)
        answer = self.packet()
        while answer.startswith('T'):  # that the machine has stopped
            answer = self.packet()
        if answer != 'OK':
            raise OSError(f'{text}: {answer}')

    def run(self):
        self.send('c')
        while True:
            hit = re.search('rwatch:([0-9a-f]+);', self.packet())
            if self.stop.is_set() or not hit:
                break
            entry = int(hit.group(1), 16) + 1 - ENTRY
            self.reads[entry] += 1
            self.put(entry)
            self.send('c')
        for entry in self.reads:
            self.ram[entry:entry + ENTRY] = self.good
        self.send('D')

    def end(self):
        """Watch no longer."""
        self.stop.set()
        self.socket.sendall(b'\x03')
        self.join()
        self.socket.close()


def fire(machine, run):
    """edu writes to where it was to, once more or for the first time; it still has the pattern."""
    devfn = edu_function(run)[1]
    # kexec -e has taken it from all devices (pci_device_shutdown())
    config(machine, devfn, COMMAND, MEMORY_MASTER)
    edu = Edu(machine, devfn)
    edu.start(BUFFER, run.target, 2048, TO_RAM)
    edu.finish()
    run.events.append('fired')


class Attack:
    """Prepared while the guest waits; strike() comes after the purgatory's switch."""

    def __init__(self, what, machine, run):
        self.machine, self.run = machine, run
        self.iova = run.target
        victim = edu_function(run)[1]
        self.ram = machine.memory()
        self.context = context_entry(machine, run)[1]
        self.entry = bytes(self.ram[self.context:self.context + ENTRY])
        self.victim, self.attacker = Edu(machine, victim), other_edu(machine, victim)
        self.watch = None
        if what == 'entry':
            self.where, self.payload = self.context, self.evil_entry()
        else:
            self.where, self.payload = self.evil_page()
        self.load()
        if what == 'entry':
            self.watch = Watch(machine, self.entries(), self.entry, self.payload)
            self.watch.start()

    def evil_entry(self):
        """A context entry of tables that map all memory: in a page of the guest's process."""
        table = int(self.run.event_value('unmapped'), 16)
        pages = [page << 30 | LARGE | READ_WRITE for page in range(512)]
        self.ram[table:table + PAGE] = struct.pack('<512Q', *pages)
        return struct.pack('<Q', table | 1) + self.entry[8:]

    def entries(self):
        """The victim's context entry, and those of the first function of absent devices."""
        start = self.context & -PAGE
        return [self.context] + [at for at in range(start, start + PAGE, 8 * ENTRY)
                                 if not self.ram[at] & 1]

    def evil_page(self):
        """An entry of the victim's own tables: the page behind the one that is mapped."""
        self.iova = int(self.run.event_value('mapped').split()[1], 16) + PAGE
        table = leaf_table(self.ram, self.context, self.iova)
        return (table + (self.iova >> 12 & 511) * 8,
                struct.pack('<Q', self.run.target | READ_WRITE))

    def load(self):
        """Put the payload into the attacker, by way of the victim's page."""
        page = int(self.run.event_value('mapped').split()[2], 16)
        before = bytes(self.ram[page:page + len(self.payload)])
        self.ram[page:page + len(self.payload)] = self.payload
        self.attacker.start(page, BUFFER, len(self.payload), 0)
        self.attacker.finish()
        self.ram[page:page + len(self.payload)] = before

    def kept_evil(self):
        """How many entries that are in force now lead to the evil tables."""
        start = context_entry(self.machine, self.run)[1] & -PAGE
        evil = struct.unpack_from('<Q', self.payload)[0] & -PAGE
        return sum(read64(self.ram, at) & -PAGE == evil for at in range(start, start + PAGE, ENTRY))

    def strike(self):
        """The purgatory has switched: the attacker writes, then the victim fires."""
        if self.watch:
            self.watch.end()
            self.run.events += [f'reads {sum(self.watch.reads.values())}',
                                f'kept-evil {self.kept_evil()}']
        self.attacker.start(BUFFER, self.where, len(self.payload), TO_RAM)
        self.attacker.finish()
        written = self.ram[self.where:self.where + len(self.payload)] == self.payload
        self.run.events.append(f'struck {"written" if written else "not-written"}')
        self.victim.start(BUFFER, self.iova, 2048, TO_RAM)
        self.victim.finish()
        self.run.events.append('fired')
