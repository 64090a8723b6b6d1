# SPDX-License-Identifier: GPL-2.0-only
"""What iommudump(8) answers, for scripts of drgn(8) and others.

    sys.path.append('/usr/share/kexec-iommu')
    from iommus import Iommus

    iommus = Iommus('/var/crash/202611280912')
    iommus.writers(prog['init_task'].stack)   # who could have written to what it points to
    iommus.walk('0000:00:03.0', 0xdeadb000)

Each call runs iommudump on the dump. Documents are as schema.json describes them; members
may be added to them, so nothing here names more than it needs. An address is a number,
physical or of the kernel's own, or an object of drgn: of a pointer what it points to, of
others where they are.
"""
import json
import subprocess
from typing import Any, Dict, List, Optional, TypedDict, Union


class Device(TypedDict, total=False):
    """A device of a requester; without a driver if none was bound."""
    name: str
    driver: str


class Reacher(TypedDict, total=False):
    """Whose DMA reaches memory, and what became of it after the crash."""
    unit: str
    requester: str
    pasid: int
    devices: List[Device]
    why: str
    access: str
    table: int
    after: str


class Reach(TypedDict, total=False):
    """$defs/reach: of one piece of physical memory."""
    virtual: str
    address: str
    length: str
    as_of: str
    complete: bool
    reached_by: List[Reacher]


class IommuError(Exception):
    """iommudump has no answer; its words."""


Document = Dict[str, Any]
# Any object of drgn; this module does without drgn.
Address = Union[int, Any]


def location(address: Address) -> int:
    """A number for iommudump: where a pointer points to, where anything else is."""
    if isinstance(address, int):
        return address
    if not hasattr(address, 'type_'):
        raise TypeError(f'an address is a number or an object of drgn, not {address!r}')
    if getattr(address.type_.kind, 'name', '') == 'POINTER':
        return int(address.value_())
    if address.address_ is None:
        raise ValueError('a value that is nowhere in memory')
    return int(address.address_)


class Iommus:
    """The IOMMUs of a machine that crashed."""

    def __init__(self, dump: str, vmlinux: Optional[str] = None,
                 iommudump: str = 'iommudump') -> None:
        """A dump, or the directory of one; of a kernel before 6.0 its vmlinux too."""
        self._command = [iommudump, '-f', dump, '--jsonl']
        if vmlinux:
            self._command.append('--vmlinux=' + vmlinux)

    def ask(self, *arguments: str) -> List[Document]:
        """The documents of a command; an answer that is incomplete is one all the same."""
        run = subprocess.run([*self._command, *arguments], stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, check=False)
        if not run.stdout:
            raise IommuError(run.stderr.decode(errors='replace').strip())
        return [json.loads(line) for line in run.stdout.splitlines()]

    def story(self) -> Document:
        """The crash in short: $defs/story."""
        return self.ask('story')[0]

    def devices(self) -> List[Document]:
        """All devices, as of the crash."""
        devices: List[Document] = self.ask('devices')[0]['devices']
        return devices

    def walk(self, device: str, iova: int) -> Document:
        """How an address of a device is translated: $defs/walk."""
        return self.ask('walk', device, hex(iova))[0]

    def reach(self, address: Address, length: int = 1) -> List[Reach]:
        """Who reaches memory; one answer for each contiguous piece of it."""
        pieces = self.ask('reach', f'{location(address):#x}+{length:#x}')
        return pieces  # type: ignore[return-value]

    def writers(self, address: Address, length: int = 1) -> List[Reacher]:
        """Those that could write to any byte of it, each once."""
        found: Dict[Any, Reacher] = {}
        for piece in self.reach(address, length):
            for r in piece['reached_by']:
                if 'w' in r['access']:
                    found.setdefault((r.get('unit'), r.get('requester'), r.get('pasid')), r)
        return list(found.values())
