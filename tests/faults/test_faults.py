# -*- coding: utf-8 -*-
"""Each row of the faults table through the front door: what is said, the status, what is left."""
from __future__ import print_function

import fnmatch
import os
import shlex
import signal

import copies
import pytest
import faults_table as table

OURS = ('run.sh: file names', 'Using TensorFlow', 'stand-in weights', 'set-up: ')


@pytest.fixture
def folder(small_demo, tmpdir):
    """A folder that holds work/, a copy of the small demo; what the row made in it is ended."""
    copies.copy(str(small_demo[0]), str(tmpdir.join('work')))
    groups = []
    yield str(tmpdir), groups
    for group in groups:
        try:
            os.killpg(group, signal.SIGKILL)
        except OSError:
            pass
    copies.unmount(str(tmpdir))


def name(row):
    return '%s, %s' % (row.part, row.fault)


@pytest.mark.parametrize('row', table.ROWS, ids=name)
def test_fault(row, folder, run):
    folder, groups = folder
    work, new = os.path.join(folder, 'work'), os.path.join(folder, 'new')
    try:
        left, group = copies.make(row, work, new)
    except copies.Skipped as e:
        pytest.skip('cannot be made here: %s' % e)
    groups.append(group)
    before = copies.contents(folder)
    options = dict((k, left.get(k)) for k in set(left) | set(os.environ) if k != '_')
    result = run(*shlex.split(row.command.format(work=work, new=new)), **options)

    assert result.status == row.status, result.both
    if row.status:
        lines = [line for line in result.err.splitlines() if not line.startswith(OURS)]
        assert len(lines) == 1, result.both
        assert row.says in lines[0], result.both
    else:
        assert row.says in result.out, result.both
    allowed = [p if p.split('/')[0] == 'new' else 'work/' + p for p in row.leaves.split()]
    changed = copies.changed(before, copies.contents(folder))
    assert [n for n in changed if not any(fnmatch.fnmatch(n, p) for p in allowed)] == []
    assert [p for p in allowed if not fnmatch.filter(changed, p)] == []     # nothing named in vain
    assert [n for n in changed if n.endswith('.part')] == []


def test_the_table_is_a_table():
    assert len(table.ROWS) >= 40
    assert len(set(name(r) for r in table.ROWS)) == len(table.ROWS)
    for row in table.ROWS:
        assert row.says and (row.article or row.part == 'environment'), row.fault
