"""The format for people: the source, what was inferred there, and where each part of it came from.

    train.py:14:9: error[resource-conflict]: axes 'a' and 'b' are both mapped to resource 'x' but meet in one value
       14 |     z = x + y
          |         ^^^^^ f32[(), {'a': 4, 'b': 12}]
       20 |     xmap(f, in_axes=(['a', ...], ['b', ...]), axis_resources={'a': 'x', 'b': 'x'})
          |                       --- 'a': 4 enters here          --- mapped here
       help: reduce over 'a' or 'b' first, or map one of them to another resource

Source lines stand in line order, each with a marker for everything there is to say about it. Places in other files
follow below the names of these, or as ``path:line: message`` where the text of the file is not at hand.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import click

from named_types.diagnostics.diagnostic import Diagnostic
from named_types.diagnostics.heading import COLOURS, styled_place, styled_severity
from named_types.diagnostics.place import Place

_TAB = 4
_UNPRINTABLE = frozenset({"Cc", "Cs", "Zl", "Zp"})
_LINE_END = re.compile(r"\r\n|\r|\n")


def render_full(diagnostics: Sequence[Diagnostic], sources: Mapping[str, str]) -> str:
    """Every diagnostic, a blank line between each; ``sources`` maps paths to their text."""
    lines = {path: _LINE_END.split(source) for path, source in sources.items()}
    return "\n\n".join("\n".join(_render(each, lines)) for each in diagnostics)


@dataclass(frozen=True, slots=True)
class _Marker:
    """What stands under a source line: ``^^^^^ label``."""

    place: Place
    label: str
    sign: str
    colour: str

    def stretch(self, line: str) -> tuple[int, int]:
        """Where it starts and how long it is on the terminal; at least one character, to the end of the line."""
        end = self.place.end_column if self.place.end_line == self.place.line else len(line.rstrip()) + 1
        start = _width(line[: self.place.column - 1])
        return start, max(_width(line[: end - 1]) - start, 1)

    def styled(self, length: int) -> str:
        return click.style(f"{self.sign * length} {self.label}".rstrip(), fg=self.colour)


def _render(diagnostic: Diagnostic, sources: Mapping[str, Sequence[str]]) -> Iterator[str]:
    yield f"{styled_place(diagnostic)}: {styled_severity(diagnostic)}: {diagnostic.message}"
    path = diagnostic.place.path
    markers = [_Marker(diagnostic.place, diagnostic.label or "", "^", COLOURS[diagnostic.severity])]
    markers += [_Marker(each.place, each.message, "-", "blue") for each in diagnostic.related]
    yield from _excerpt([marker for marker in markers if marker.place.path == path], sources.get(path, ()))
    for other in dict.fromkeys(marker.place.path for marker in markers if marker.place.path != path):
        yield from _elsewhere(other, [marker for marker in markers if marker.place.path == other], sources.get(other))
    if diagnostic.note is not None:
        yield f"   {click.style('note:', fg='cyan')} {_printable(diagnostic.note)}"
    if diagnostic.help is not None:
        yield f"   {click.style('help:', fg='green')} {diagnostic.help}"


def _elsewhere(path: str, markers: Sequence[_Marker], lines: Sequence[str] | None) -> Iterator[str]:
    """The places in another file."""
    if lines is None:
        yield from (f"   {path}:{marker.place.line}: {marker.label}" for marker in markers)
    else:
        yield f"   {path}:"
        yield from _excerpt(markers, lines)


def _excerpt(markers: Sequence[_Marker], lines: Sequence[str]) -> Iterator[str]:
    """The lines of one file that the markers stand under."""
    shown = [marker for marker in markers if marker.place.line <= len(lines)]
    for number in sorted({marker.place.line for marker in shown}):
        line = lines[number - 1]
        yield f"{_gutter(number)} {_printable(line).rstrip()}"
        for row in _rows(line, (marker for marker in shown if marker.place.line == number)):
            yield f"{_gutter()} {row}"


def _gutter(number: int | None = None) -> str:
    return click.style(f"{'' if number is None else number:>5} |", dim=True)


def _rows(line: str, markers: Iterable[_Marker]) -> list[str]:
    """The markers of one line from left to right, in as few rows as hold them side by side."""
    rows: list[str] = []
    ends: list[int] = []
    for marker in sorted(markers, key=lambda marker: (marker.place.column, marker.sign != "^", marker.place)):
        start, length = marker.stretch(line)
        row = next((row for row, end in enumerate(ends) if not end or end < start), len(rows))
        if row == len(rows):
            rows.append("")
            ends.append(0)
        rows[row] += " " * (start - ends[row]) + marker.styled(length)
        ends[row] = start + length + (_width(marker.label) + 1 if marker.label else 0)
    return rows


def _printable(text: str) -> str:
    """Tabs as spaces, and nothing that would move the cursor or change the terminal."""
    text = text.replace("\t", " " * _TAB)
    return "".join("\N{REPLACEMENT CHARACTER}" if unicodedata.category(char) in _UNPRINTABLE else char for char in text)


def _width(text: str) -> int:
    """How many columns ``text`` takes on the terminal; wide characters take two."""
    text = _printable(text)
    if text.isascii():
        return len(text)
    from wcwidth import wcswidth  # here, for its tables take longer to import than most reports take to write

    return wcswidth(text)
