"""The page that tells how many of the faults put into programs the checker finds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from mutations.examples import STEP
from mutations.operators import OPERATORS
from mutations.survivors import Reason
from mutations.verdicts import Fate, Verdict

PAGE = Path(__file__).parent.parent.parent / "docs" / "mutations.md"

_TEXT = """# Missed faults

How much of what goes wrong does the checker find? Correct programs, those of `tests/literate` and those of `examples`,
are changed in one place at a time, by the operators below. Every such *mutant* runs for real, under JAX and the runtime
on eight CPU devices, and is given to the checker. `make mutants` does it and writes this page; `make test` does it for
a part. The programs of `examples` consist of several modules and take their time: of them, every {step}th mutant is
judged.

A mutant **fails** if an exception comes out of JAX, the runtime or Python, or if a value does not have the type that
an annotation of the program declares for it: arguments and results are held against their annotations at every call,
variables where they are assigned. A function that declares the type of every argument is run by itself too, as the
checker checks it. One that runs and computes **something else**, or fails at an assertion of its own, is nobody's
fault but its author's; the checker may tell only what contradicts the program. Of one that behaves **the same**, the
checker must say nothing.

{programs} programs and modules have {mutants} mutants in statements that run. {failing} of them fail, and the checker
reports {reported} of these: **{rate}**. Of {same} that behave the same, it reports {alarms}.

| what is changed | mutants | fail | reported | rate | compute something else | reported | behave the same | reported |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
{rows}

## Survivors

The mutants that fail without a report are listed in `tests/mutations/survivors.toml`, each under the reason why:

| reason | survivors | why |
| --- | ---: | --- |
{reasons}
"""


def page(verdicts: Sequence[Verdict], reasons: Iterable[Reason]) -> str:
    """The text of the page."""
    failing = _failing(verdicts)
    unchanged = [one for one in verdicts if one.fate is Fate.SAME]
    rows = [_row(name, [one for one in verdicts if one.operator == name]) for name in OPERATORS]
    return _TEXT.format(
        step=STEP,
        programs=f"{len({one.program for one in verdicts}):,}",
        mutants=f"{len(verdicts):,}",
        failing=f"{len(failing):,}",
        reported=f"{_reported(failing):,}",
        rate=_rate(failing),
        same=f"{len(unchanged):,}",
        alarms=_reported(unchanged) or "none",
        rows="\n".join([*rows, _row("**all**", verdicts)]),
        reasons="\n".join(f"| {one.name} | {len(one.survivors)} | {one.why} |" for one in reasons),
    )


def rate(verdicts: Sequence[Verdict]) -> float:
    """The share of the failing mutants that are reported."""
    failing = _failing(verdicts)
    return _reported(failing) / len(failing) if failing else 1.0


def _row(name: str, verdicts: Sequence[Verdict]) -> str:
    fates = {fate: [one for one in verdicts if one.fate is fate] for fate in Fate}
    failing, other, same = fates[Fate.FAILS], fates[Fate.DIFFERS], fates[Fate.SAME]
    counts = [len(verdicts), len(failing), _reported(failing), len(other), _reported(other), len(same), _reported(same)]
    cells = [f"{count:,}" for count in counts]
    return f"| {name} | {' | '.join([*cells[:3], _rate(verdicts), *cells[3:]])} |"


def _rate(verdicts: Sequence[Verdict]) -> str:
    return f"{100 * rate(verdicts):.1f} %" if _failing(verdicts) else ""


def _failing(verdicts: Sequence[Verdict]) -> list[Verdict]:
    return [one for one in verdicts if one.fate is Fate.FAILS]


def _reported(verdicts: Iterable[Verdict]) -> int:
    return sum(bool(one.reported) for one in verdicts)
