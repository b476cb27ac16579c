# -*- coding: utf-8 -*-
"""Every table that this program prints: cells wrapped in their columns, as text.

By hand, because the claims' table is printed where no package is installed (Python 2.7 or 3).
"""
import textwrap


def lines(rows, widths, between=u'  '):
    """Rows of text cells as lines; a cell longer than its column's width continues below.

    widths: characters of each column.  Raises nothing.
    """
    for row in rows:
        cells = [textwrap.wrap(cell, width) or [u''] for cell, width in zip(row, widths)]
        for number in range(max(len(cell) for cell in cells)):
            yield between.join((cell[number] if number < len(cell) else u'').ljust(width)
                               for cell, width in zip(cells, widths)).rstrip()


def fitted(rows, limits):
    """The width of each column: its longest cell, but no more than its limit."""
    return [min(max(len(row[i]) for row in rows), limit) for i, limit in enumerate(limits)]
