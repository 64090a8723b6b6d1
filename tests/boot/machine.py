# SPDX-License-Identifier: GPL-2.0-only
"""One QEMU machine under a deadline: its serial line, its RAM, its registers."""
import mmap
import os
import select
import shlex
import shutil
import socket
import subprocess
import tempfile
import threading
import time

QEMU = {'x86_64': os.environ.get('QEMU', 'qemu-system-x86_64'), 'arm64': 'qemu-system-aarch64'}
SLOT_MIB = 512            # dump slots on the dump disk
SCRATCH_MIB = 4 * SLOT_MIB  # where the disks are tested
DISK_BYTES = (SCRATCH_MIB + 64) << 20

DISKS = {
    'nvme': ['-device', 'nvme,drive={id},serial=rig'],
    'ahci': ['-device', 'ide-hd,drive={id},bus=ide.0'],
    'virtio': ['-device', 'virtio-blk-pci,drive={id},iommu_platform=on,disable-legacy=on'],
}
# only what makes an emulated machine quicker, and a panic that ends it
CMDLINE = 'panic=1 mitigations=off random.trust_cpu=on cryptomgr.notests no_timer_check'
CONSOLE = {'x86_64': 'ttyS0', 'arm64': 'ttyAMA0'}
MODULES = {'nvme': 'nvme', 'ahci': 'ahci sd_mod', 'virtio': 'virtio_pci virtio_blk',
           'e1000': 'e1000'}
# of 2816 MiB or more, q35 has 2 GiB low and the rest above 4 GiB (hw/i386/pc_q35.c)
LOW, HIGH = 2 << 30, 4 << 30
VIRT_RAM = 1 << 30  # where RAM begins (hw/arm/virt.c)
OVMF = 'usr/share'
SHIM = 'shim/usr/lib/shim/shimx64.efi.signed'
GRUB = 'shim/usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed'
AARCH64_EFI = 'usr/share/qemu-efi-aarch64/QEMU_EFI.fd'
EDU = 'edu,dma_mask=0xffffffffffffffff'
EDU_PLACES = {
    'none': [],
    'plain': ['-device', EDU],
    'root-port': ['-device', 'pcie-root-port,id=rp0,chassis=1,slot=1',
                  '-device', EDU + ',bus=rp0'],
    'bridge': ['-device', 'pcie-pci-bridge,id=br0', '-device', EDU + ',bus=br0,addr=3'],
}


class Dead(Exception):
    """The machine did not do what it should in the time it had."""


def run_tool(name, *arguments):
    """A program beside this file."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), name)
    p = subprocess.run([path, *arguments], check=False, stderr=subprocess.PIPE)
    if p.returncode:
        raise Dead(p.stderr.decode(errors='replace').strip())


def first_initrd(case, initrd, work):
    """The first kernel's initrd; behind it, image and loader of a case with its own."""
    parts = [f'{initrd}/first.cpio']
    if case['drhd'] or case['rmrr']:
        parts.insert(0, f'{work}/dmar.cpio')
        run_tool('mkdmar', parts[0], *case['drhd'].split(), *case['rmrr'].split())
    if case['image'] != 'bzImage':
        parts.append(f'{initrd}/image-{case["image"]}.cpio')
    if case['module'] != 'no':
        parts.append(f'{initrd}/module.cpio')
    if case['loader'] == 'peer-new':
        name = 'peer-new' if case['arch'] == 'x86_64' else f'peer-new-{case["arch"]}'
        parts.append(f'{initrd}/../../{name}/guest.cpio')
    if len(parts) == 1:
        return parts[0]
    both = f'{work}/first.cpio'
    with open(both, 'wb') as out:
        for part in parts:
            with open(part, 'rb') as f:
                shutil.copyfileobj(f, out)
    return both


def make_vars(ovmf, image, out, *mok):
    """UEFI variables of a machine with Secure Boot that trusts IMAGE's signer."""
    run_tool('mkvars', f'{ovmf}/OVMF/OVMF_VARS_4M.fd', f'{ovmf}/ovmf/PkKek-1-snakeoil.pem', image,
             out, *mok)


def shim_disk(cache, work, kernel, initrd, cmdline):
    """A disk of which UEFI starts the signed shim, that the signed GRUB, and that KERNEL. QEMU
    makes the file system, with the name of its folder."""
    esp = f'{work}/esp'
    for name in ('EFI/BOOT', 'EFI/debian'):
        os.makedirs(f'{esp}/{name}')
    for source, name in ((f'{cache}/{SHIM}', 'EFI/BOOT/BOOTX64.EFI'),
                         (f'{cache}/{GRUB}', 'EFI/BOOT/grubx64.efi'),
                         (kernel, 'vmlinuz'), (initrd, 'initrd')):
        shutil.copyfile(source, f'{esp}/{name}')
    with open(f'{esp}/EFI/debian/grub.cfg', 'w', encoding='ascii') as f:
        f.write(f'linux /vmlinuz {cmdline}\ninitrd /initrd\nboot\n')
    return ['-drive', f'if=none,id=esp,format=raw,readonly=on,file=fat:{esp}',
            '-device', 'virtio-blk-pci,drive=esp,addr=0x10']


def emulator(case, initrd):
    """The QEMU that a case wants."""
    qemu = QEMU[case['arch']]
    if case['emulator'] == 'stock':
        return qemu
    return f'{initrd}/../../{case["emulator"]}/bin/{os.path.basename(qemu)}'


def pc(case, initrd, directory, work):
    """What only a PC has."""
    args = ['-M', 'q35,kernel-irqchip=split,memory-backend=ram',
            # ttyS1, where the guest's kernel forbids I/O ports
            '-serial', f'file:{directory}/debugcon-locked',
            '-chardev', f'file,id=debugcon,path={directory}/debugcon',
            '-device', 'isa-debugcon,iobase=0xe9,chardev=debugcon']
    if case['firmware'] != 'seabios':
        args += ['-drive', 'if=pflash,format=raw,unit=0,readonly=on,'
                           f'file={initrd}/../../ovmf/{OVMF}/OVMF/OVMF_CODE_4M.fd']
    if case['firmware'] in ('secure-boot', 'shim'):
        args += ['-drive', f'if=pflash,format=raw,unit=1,file={work}/vars']
        make_vars(f'{initrd}/../../ovmf/{OVMF}', f'{initrd}/vmlinuz', f'{work}/vars')
    if case['firmware'] == 'shim':
        make_vars(f'{initrd}/../../ovmf/{OVMF}', f'{initrd}/../../{SHIM}', f'{work}/vars',
                  f'{initrd}/../../mok/key.der')
    if case['iommu'] != 'none':
        args += ['-device', f'{case["unit"]},{case["iommu"]}']
    return args


def virt(case, initrd, directory):
    """What only QEMU's machine for arm64 has: a second serial port on PCI, ttyS0 there."""
    args = ['-M', 'virt,gic-version=3,memory-backend=ram' +
            ('' if case['iommu'] == 'none' else f',{case["iommu"]}'),
            '-chardev', f'file,id=debugcon,path={directory}/debugcon',
            '-device', 'pci-serial,chardev=debugcon']
    if case['firmware'] == 'aarch64-efi':
        args += ['-bios', f'{initrd}/../../aarch64-efi/{AARCH64_EFI}']
    return args


def start(case, initrd, work, kernel, cmdline):
    """What starts the first kernel: QEMU, or what UEFI finds on a disk."""
    first = first_initrd(case, initrd, work)
    if case['firmware'] == 'shim':
        return shim_disk(f'{initrd}/../..', work, kernel, first, cmdline)
    return ['-kernel', kernel, '-initrd', first, '-append', cmdline]


def command(case, initrd, directory, work):
    """The QEMU command line of a case."""
    cmdline = f'console={CONSOLE[case["arch"]]} {CMDLINE} {case["cmdline"]}'
    if case['crashkernel'] != 'none':
        cmdline += f' crashkernel={case["crashkernel"]}'
    kernel = f'{initrd}/vmlinux'
    if case['boot'] == 'bzimage' or case['firmware'] != 'seabios' or not os.path.exists(kernel):
        kernel = f'{initrd}/vmlinuz'
    if case['verbose'] != 'yes':
        cmdline += ' loglevel=4'
    args = [emulator(case, initrd), '-accel', 'tcg',
            '-object', f'memory-backend-file,id=ram,size={case["memory"]}M,share=on,'
                       f'mem-path={work}/ram',
            '-m', case['memory'] + 'M', '-cpu', case['cpu'], '-smp', case['cpus'], '-nodefaults',
            '-display', 'none', '-no-reboot', '-serial', 'stdio',
            '-monitor', f'unix:{work}/monitor,server=on,wait=off',
            '-qtest', f'unix:{work}/qtest,server=on,wait=off', '-qtest-log', 'none',
            '-fw_cfg', f'name=opt/org.kexec-iommu/case,file={directory}/orders',
            *start(case, initrd, work, kernel, cmdline)]
    if case['icount'] != 'none':
        # edu's 100 ms in guest instructions: a busy host cannot let the DMA win the race
        args += ['-icount', 'shift=' + case['icount']]
    if case['arch'] == 'arm64':
        args += virt(case, initrd, directory)
    else:
        args += pc(case, initrd, directory, work)
    if case['at-sync'] == 'attack-entry':
        args += ['-gdb', f'unix:{work}/gdb,server=on,wait=off']
    for disk in case['disks'].split():
        if disk == 'e1000':
            args += ['-netdev', 'user,id=net', '-device', 'e1000,netdev=net']
            continue
        args += ['-drive', f'if=none,id={disk},file={directory}/{disk}.img,format=raw,'
                           'cache=unsafe,discard=unmap']
        args += [a.format(id=disk) for a in DISKS[disk]]
    return args + EDU_PLACES[case['edu']] + shlex.split(case['qemu'])


def orders(case, port):
    """What the guest's init is told, as shell variables."""
    def flag(key):
        return '' if case[key] == 'no' else case[key]
    uses_edu = case['edu'] != 'none' and (case['aim'] or case['dma'] == 'vfio')
    options = case['edu-options'] + (' sync=yes' if case['at-sync'] else '')
    modules = [MODULES[d] for d in case['disks'].split()]
    if case['dma'] == 'vfio':
        modules.append('vfio-pci vfio_iommu_type1')
    values = {
        'LOADER': case['loader'], 'LOAD': case['load'], 'KEXEC_OPTIONS': case['kexec'],
        'APPEND': case['append'], 'MODULES': ' '.join(modules), 'AIM': case['aim'],
        'PATTERN': hex(case['pattern']), 'EDU': case['dma'] if uses_edu else '',
        'EDU_OPTIONS': options, 'IOVA': case['iova'], 'SYNC': case['at-sync'],
        'LATE': flag('late'), 'DUMP': '' if case['dump'] == 'none' else case['dump'],
        'MAKEDUMPFILE': case['makedumpfile'], 'FORMATS': flag('formats'),
        'TEST_DISKS': case['test-disks'], 'NET_PORT': port,
        'CRASH_INITRD': case['crash-initrd'], 'SLOT_MIB': SLOT_MIB, 'PREPARE': case['prepare'],
        'DESCRIBE': flag('describe'), 'SERIAL': 'ttyS0' if case['arch'] == 'arm64' else 'ttyS1',
        'LIVE': '\n'.join(case['expect-live']), 'MODULE': flag('module'), 'CRASH_PREPARE': case['crash-prepare'],
        'CRASH_BY': case['crash-by'], 'BEFORE_CRASH': case['before-crash'], 'LATE_SYNC': case['late-sync'],
        'REUSE': flag('reuse'), 'REFUSAL': case['refusal'], 'SCRATCH_MIB': SCRATCH_MIB,
    }
    return ''.join(f'{k}={shlex.quote(str(v))}\n' for k, v in values.items())


class Network(threading.Thread):
    """The host's side of the guest's network card: answers a ping, takes a dump."""

    def __init__(self, directory):
        super().__init__(daemon=True)
        self.path = os.path.join(directory, 'e1000.img')
        self.socket = socket.create_server(('127.0.0.1', 0))
        self.port = self.socket.getsockname()[1]

    def run(self):
        while True:
            try:
                peer, _ = self.socket.accept()
            except OSError:
                return
            with peer, open(self.path, 'ab') as f:
                peer.settimeout(60)
                try:
                    self.serve(peer, f)
                except OSError:
                    pass

    @staticmethod
    def serve(peer, f):
        data = peer.recv(1 << 16)
        if data == b'ping\n':
            peer.sendall(b'pong\n')
            return
        while data:
            f.write(data)
            data = peer.recv(1 << 16)

    def close(self):
        self.socket.close()


class Machine:
    """A running machine. Use as a context manager: leaving kills it."""

    def __init__(self, case, initrd, directory):
        self.directory, self.arch = directory, case['arch']
        shm = '/dev/shm' if os.access('/dev/shm', os.W_OK) else None
        self.work = tempfile.mkdtemp(prefix='kexec-iommu-', dir=shm)
        self.net = Network(directory)
        self.net.start()
        for disk in case['disks'].split():
            if disk != 'e1000':
                with open(f'{directory}/{disk}.img', 'wb') as f:
                    f.truncate(DISK_BYTES)
        with open(f'{directory}/orders', 'w', encoding='utf-8') as f:
            f.write(orders(case, self.net.port))
        args = command(case, initrd, directory, self.work)
        with open(f'{directory}/qemu.sh', 'w', encoding='utf-8') as f:
            f.write(shlex.join(args) + '\n')
        self.started = time.monotonic()
        self.log = open(f'{directory}/serial.log', 'w', encoding='utf-8')
        self.stderr = open(f'{directory}/qemu.err', 'wb')
        self.process = subprocess.Popen(args, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=self.stderr, start_new_session=True)
        self.partial = b''
        self.ram = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        for f in (self.process.stdin, self.process.stdout, self.log, self.stderr, self.net):
            f.close()
        if self.ram:
            self.ram.close()
        shutil.rmtree(self.work)

    def now(self):
        """Seconds since the machine was started."""
        return time.monotonic() - self.started

    def cpu(self):
        """Seconds of processor time the machine has had."""
        try:
            with open(f'/proc/{self.process.pid}/stat', encoding='utf-8') as f:
                fields = f.read().rsplit(')', 1)[1].split()
        except OSError:
            return 0.0
        return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')

    def lines(self, timeout):
        """The serial lines that come within TIMEOUT; None at the end of the machine."""
        ready, _, _ = select.select([self.process.stdout], [], [], timeout)
        if not ready:
            return []
        data = os.read(self.process.stdout.fileno(), 1 << 16)
        if not data:
            return None
        *whole, self.partial = (self.partial + data).split(b'\n')
        text = [w.decode(errors='replace').strip('\r') for w in whole]
        for line in text:
            self.log.write(f'{self.now():8.3f} {line}\n')
        self.log.flush()
        return text

    def answer(self, page=None):
        """Let a guest that waits at "@@ sync" go on: by a line, or a word in a page."""
        if page is not None:
            start = self.offset(page)
            self.memory()[start:start + 8] = b'go\n     '
            return
        self.process.stdin.write(b'go\n')
        self.process.stdin.flush()

    def memory(self):
        """The guest's RAM: see offset()."""
        if not self.ram:
            fd = os.open(f'{self.work}/ram', os.O_RDWR)
            self.ram = mmap.mmap(fd, 0)
            os.close(fd)
        return self.ram

    def offset(self, address):
        """Where in memory() a physical address is."""
        if self.arch == 'arm64':
            return address - VIRT_RAM
        return address if address < HIGH else address - HIGH + LOW

    def machine_check(self):
        """An uncorrected error (VAL UC EN ADDRV) of CPU 0's bank 1, at 0x1234000."""
        self.monitor('mce 0 1 0xb400000000000134 4 0x1234000 0')

    def monitor(self, command):
        """A command to QEMU's monitor, and wait until it has been carried out."""
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(10)
            s.connect(f'{self.work}/monitor')
            # the second prompt: what is sent has been carried out
            s.sendall(command.encode() + b'\n')
            reply = b''
            while reply.count(b'(qemu) ') < 2:
                more = s.recv(4096)
                if not more:
                    return
                reply += more

    def qtest(self, line):
        """One qtest command, for device registers; returns the last word."""
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(10)
            s.connect(f'{self.work}/qtest')
            s.sendall(line.encode() + b'\n')
            reply = b''
            while b'\n' not in reply:
                reply += s.recv(4096) or b'FAIL closed\n'
        words = reply.decode().split()
        if words[0] != 'OK':
            raise Dead(f'qtest {line}: {reply.decode().strip()}')
        return int(words[-1], 16) if len(words) > 1 else 0
