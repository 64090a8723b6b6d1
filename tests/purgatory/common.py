# SPDX-License-Identifier: GPL-2.0-only
"""What the purgatory does on any architecture; @new makes a machine of it."""
from rig import *


def case_abort(new, work):
    m = new(work).run()
    m.check_entry()
    m.check_quiesced()
    assert m.serial.startswith("I'm in purgatory\n"), m.serial
    assert f'kexec-iommu: {m.unit_name}0: abort' in m.serial, m.serial


def case_record(new, work):
    m = new(work)
    m.set_mode(RECORD)
    m.run()
    m.check_entry()
    m.check_quiesced(outcome=3)


def case_off_is_not_touched(new, work):
    m = new(work)
    m.units = [(0x3fff00000, PAGE, 0, 1, OFF, 0, 0)]
    m.run()
    m.check_entry()
    assert not m.actions() and not m.traps() and not m.record(REC_REGS)


def case_unknown_vendor(new, work):
    m = new(work)
    m.units = [(m.unit, PAGE, 0, 77, ABORT, 0, 0)]
    m.run()
    m.check_entry()
    assert [a[4:] for a in m.actions()] == [(1, 17)], m.actions()


def case_quiet(new, work):
    m = new(work)
    m.h['flags'] = PANIC
    m.run()
    m.check_entry()
    assert m.serial == 'next kernel\n', m.serial


def case_wrong_digest(new, work):
    m = new(work)
    m.h['digest'] = b'\x5a' * 32
    m.run()
    assert not m.booted and m.status == 0, m.status
    assert 'digests do not match' in m.serial, m.serial
    assert '5a' * 32 in m.serial
    assert tree_digest(m.region).hex() in m.serial
    assert m.purgatory()[0] == RAN | m.digest_flags & ~DIGEST_OK


def case_skip_digest(new, work):
    m = new(work)
    m.h['digest'] = b'\x5a' * 32
    m.h['flags'] |= SKIP
    m.run()
    m.check_entry()
    assert m.purgatory()[0] == RAN | DIGEST_SKIPPED | SCRATCH_CLEAN


def case_bad_checksum(new, work):
    m = new(work)
    m.after_crc = {'budget_us': 5}
    m.run()
    m.check_entry()
    flags, _, _, *rest = m.purgatory()
    assert flags == RAN | PLAN_BAD | DIGEST_OK and rest[6] == PLAN_CRC
    assert not m.actions() and not m.record(REC_REGS)


def case_overwritten_map(new, work):
    m = new(work)
    m.break_map = True
    m.run()
    m.check_entry()
    assert m.purgatory()[9] == PLAN_PGTABLE
    assert [a[4:] for a in m.actions()] == []


def case_hole_in_map(new, work):
    """Where the stack or the code lies: found before it is switched to."""
    m = new(work)
    m.hole = m.image + 10 * PAGE
    m.run()
    m.check_entry()
    assert m.purgatory()[9] == PLAN_PGTABLE
    assert not m.actions()


def case_no_contract(new, work):
    m = new(work)
    m.h['version'] = 99
    m.run()
    assert not m.booted and m.status == 0
    assert m.serial == '', m.serial
