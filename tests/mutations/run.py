"""A whole run over the programs, and what is wrong with its outcome."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path

from mutations.examples import judge_examples
from mutations.page import PAGE, page, rate
from mutations.programs import programs
from mutations.survivors import differences, listed
from mutations.verdicts import Verdict
from mutations.workers import Unusable, judge_all

LOWEST_RATE = 0.95


def run(processes: int, start: int, step: int, verdicts_file: Path | None) -> list[str]:
    """Judge the mutants of every ``step``-th program; of all, and of the examples, write the page.

    Gives what is wrong, a line for each.
    """
    chosen = programs()[start::step]
    order = {name: at for at, (name, _) in enumerate(chosen)}
    answers = list(judge_all(chosen, processes))
    verdicts = sorted((one for one in answers if isinstance(one, Verdict)), key=lambda one: order[one.program])
    if step == 1:
        verdicts += judge_examples(processes)
    if verdicts_file is not None:
        verdicts_file.write_text("".join(f"{_as_json(one)}\n" for one in verdicts))
    if step == 1:
        PAGE.write_text(page(verdicts, listed()), encoding="utf-8")
    for one in answers:
        if isinstance(one, Unusable):
            print(f"left out, {one.reason}: {one.program}")
    return problems(verdicts)


def problems(verdicts: Sequence[Verdict]) -> list[str]:
    """What is wrong with verdicts: survivors that nobody knows, false alarms, and a rate that is too low."""
    found = differences(verdicts)
    found += [f"false alarm: {one.name}: {one.reported[0]}" for one in verdicts if one.is_false_alarm]
    if rate(verdicts) < LOWEST_RATE:
        found.append(f"only {100 * rate(verdicts):.1f} % of the mutants that fail are reported")
    return found


def _as_json(verdict: Verdict) -> str:
    return json.dumps({**dataclasses.asdict(verdict), "fate": verdict.fate.value})
