"""Comparisons as a table to read, and as JSON to keep or to pass between processes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from benchmarks.measure import Comparison, Times

HEADINGS = ("", "ours", "reference", "ratio", "more", "by wall clock", "against")


def table(title: str, comparisons: Sequence[Comparison]) -> str:
    """A titled table with a row for each comparison: processor times, and the ratio by the wall clock too."""
    rows = [HEADINGS, *map(_row, comparisons)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join([f"== {title}", *(_line(row, widths) for row in rows), ""])


def duration(seconds: float) -> str:
    """Seconds in the unit that suits them."""
    for unit, factor in (("s", 1.0), ("ms", 1e3)):
        if abs(seconds) * factor >= 1:
            return f"{seconds * factor:.2f} {unit}"
    return f"{seconds * 1e6:.2f} µs"


def to_json(comparisons: Sequence[Comparison]) -> str:
    """A list of objects with the fields of `Comparison`, in seconds."""
    return json.dumps([asdict(comparison) for comparison in comparisons], indent=2)


def from_json(text: str) -> list[Comparison]:
    """What `to_json` wrote."""
    return [_comparison(**fields) for fields in json.loads(text)]


def _comparison(what: str, against: str, **times: dict[str, Any]) -> Comparison:
    return Comparison(what, against, **{name: Times(**clocks) for name, clocks in times.items()})


def _row(comparison: Comparison) -> tuple[str, ...]:
    return (
        comparison.what,
        duration(comparison.ours.processor),
        duration(comparison.reference.processor),
        f"{comparison.ratio.processor:.3f}",
        duration(comparison.ours.processor - comparison.reference.processor),
        f"{comparison.ratio.wall:.3f}",
        comparison.against,
    )


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    first, *numbers, last = row
    aligned = [number.rjust(width) for number, width in zip(numbers, widths[1:-1], strict=True)]
    return "  ".join([first.ljust(widths[0]), *aligned, last])
