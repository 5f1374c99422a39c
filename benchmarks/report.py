"""Comparisons as tables to read, and as JSON to keep or to pass between processes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, TypeAlias

from benchmarks.compiled import Collective, Compiled, CompiledComparison
from benchmarks.measure import Comparison, Target, Times

Row: TypeAlias = Comparison | CompiledComparison

TIMES = ("", "ours", "reference", "ratio", "worst", "target", "more", "by wall clock", "against")
COMPILED = ("", "memory", "reference", "ratio", "target", "collectives", "against")


def tables(title: str, rows: Sequence[Row]) -> str:
    """A titled table of what was timed, and one of what was compiled, if there is any."""
    timed = [_timed(row) for row in rows if isinstance(row, Comparison)]
    compiled = [_compiled(row) for row in rows if isinstance(row, CompiledComparison)]
    parts = [_table(title, TIMES, timed)]
    if compiled:
        parts.append(_table(f"{title}: as compiled", COMPILED, compiled))
    return "\n".join(parts)


def duration(seconds: float) -> str:
    """Seconds in the unit that suits them."""
    for unit, factor in (("s", 1.0), ("ms", 1e3)):
        if abs(seconds) * factor >= 1:
            return f"{seconds * factor:.2f} {unit}"
    return f"{seconds * 1e6:.2f} µs"


def to_json(rows: Sequence[Row]) -> str:
    """A list of objects with the fields of the comparisons, in seconds and bytes."""
    return json.dumps([asdict(row) for row in rows], indent=2)


def from_json(text: str) -> list[Row]:
    """What `to_json` wrote."""
    return [_row(**fields) for fields in json.loads(text)]


def _row(
    what: str, against: str, ours: Any, reference: Any, target: dict[str, float] | None, **ratios: dict[str, float]
) -> Row:
    aim = None if target is None else Target(**target)
    if "memory" not in ours:
        times = {name: Times(**clocks) for name, clocks in ratios.items()}
        return Comparison(what, against, Times(**ours), Times(**reference), **times, target=aim)
    assert aim is not None
    return CompiledComparison(what, against, _program(**ours), _program(**reference), aim)


def _program(memory: int, collectives: Sequence[dict[str, Any]]) -> Compiled:
    return Compiled(memory, tuple(Collective(**fields) for fields in collectives))


def _timed(row: Comparison) -> tuple[str, ...]:
    return (
        row.what,
        duration(row.ours.processor),
        duration(row.reference.processor),
        f"{row.ratio.processor:.3f}",
        f"{row.worst.processor:.3f}",
        _target(row.target, row.is_met),
        duration(row.ours.processor - row.reference.processor),
        f"{row.ratio.wall:.3f}",
        row.against,
    )


def _compiled(row: CompiledComparison) -> tuple[str, ...]:
    return (
        row.what,
        _size(row.ours.memory),
        _size(row.reference.memory),
        f"{row.ratio:.3f}",
        _target(row.target, row.ratio <= row.target.median),
        _collectives(row),
        row.against,
    )


def _target(target: Target | None, is_met: bool) -> str:
    if target is None:
        return ""
    limits = [f"{limit:.2f}" for limit in (target.median, target.worst) if limit is not None]
    return f"{', '.join(limits)} {'met' if is_met else 'MISSED'}"


def _collectives(row: CompiledComparison) -> str:
    ours = ", ".join(map(str, row.ours.collectives)) or "none"
    if row.has_equal_collectives:
        return f"equal: {ours}"
    return f"MISSED: {ours}; by hand {', '.join(map(str, row.reference.collectives)) or 'none'}"


def _size(size: int) -> str:
    return f"{size / 1e6:.2f} MB" if size >= 1e5 else f"{size / 1e3:.2f} kB"


def _table(title: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    table = [headings, *rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return "\n".join([f"== {title}", *(_line(row, widths) for row in table), ""])


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    first, *numbers, last = row
    aligned = [number.rjust(width) for number, width in zip(numbers, widths[1:-1], strict=True)]
    return "  ".join([first.ljust(widths[0]), *aligned, last])
