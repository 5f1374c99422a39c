"""Fixes: what to write in place of a piece of a file, so that a problem is gone."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate

from named_types.diagnostics.place import Place


@dataclass(frozen=True, slots=True)
class Fix:
    """Another text for a place."""

    place: Place
    text: str


def apply_fixes(source: str, fixes: Iterable[Fix]) -> str:
    """A source text with its fixes, and its own line ends; of those that overlap, the first one counts."""
    lines = list(io.StringIO(source, newline=""))
    starts = [0, *accumulate(map(len, lines))]
    line_end = "\r\n" if lines and lines[0].endswith("\r\n") else "\n"
    parts, end = [], 0
    for fix in sorted(set(fixes), key=lambda one: (one.place, one.text)):
        start = starts[fix.place.line - 1] + fix.place.column - 1
        if start >= end:
            parts += [source[end:start], fix.text.replace("\n", line_end)]
            end = starts[fix.place.end_line - 1] + fix.place.end_column - 1
    return "".join([*parts, source[end:]])
