# SPDX-License-Identifier: GPL-2.0-only
"""Covering arrays: few combinations that hold every pair of values of two axes."""
import collections
import itertools
import random

TRIES = 60  # candidates for a row, of which the one that holds most is taken


def pairs_of(row):
    """The pairs that a row holds: (axis, value, axis, value)."""
    return {(i, row[i], j, row[j]) for i, j in itertools.combinations(range(len(row)), 2)}


def grow(start, sizes, missing, used, pick):
    """A row that holds the pair START; each further value is one that adds most pairs, and of
    those the one that the rows so far have least."""
    def gain(axis, value):
        return (sum((*x, *y) in missing for x, y in
                    (sorted([(axis, value), known]) for known in row.items())),
                -used[axis, value], -value)
    i, a, j, b = start
    row = {i: a, j: b}
    rest = [axis for axis in range(len(sizes)) if axis not in row]
    while rest:
        axis = rest.pop(pick(len(rest)))
        row[axis] = -max(gain(axis, value) for value in range(sizes[axis]))[-1]
    return tuple(row[axis] for axis in range(len(sizes)))


def covering(sizes, seed):
    """Rows of indices, one of each axis, so that every pair of values is in one of them."""
    # of this module only random() gives the same numbers in all versions of Python
    generator = random.Random(seed)

    def pick(n):
        return int(generator.random() * n)
    missing = set().union(*(pairs_of(r) for r in itertools.product(*map(range, sizes))))
    rows = []
    while missing:
        left = sorted(missing)
        used = collections.Counter(v for r in rows for v in enumerate(r))
        row = max((grow(left[pick(len(left))], sizes, missing, used, pick)
                   for _ in range(TRIES)), key=lambda r: len(pairs_of(r) & missing))
        missing -= pairs_of(row)
        rows.append(row)
    return rows
