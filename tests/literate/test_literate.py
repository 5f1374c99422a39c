"""One corpus, three judges: the analyzer, mypy with the plugin, and the runtime agree on every program.

Where a judge differs, `differences.toml` says so, and why; a difference that is gone must go from there too.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from literate import analyzer_judge, mypy_judge, runtime_judge
from literate.programs import HERE, Finding, Program, corpus

from named_types.problems import CATALOGUE

PROGRAMS = corpus()
DIFFERENCES: list[dict[str, Any]] = tomllib.loads((HERE / "differences.toml").read_text()).get("difference", [])


def each(programs: Iterable[Program]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("program", programs, ids=lambda program: program.name)


def disagreement(judge: str, program: Program, expected: Iterable[Finding], found: Iterable[Finding]) -> dict[str, Any]:
    """What a judge does not say and what it says beyond, less what is listed; empty if they agree."""
    listed = next((one for one in DIFFERENCES if (one["program"], one["judge"]) == (program.name, judge)), {})
    lacks = sorted(map(str, set(expected) - set(found)))
    adds = sorted(map(str, set(found) - set(expected)))
    if (lacks, adds) == (listed.get("lacks", []), listed.get("adds", [])):
        return {}
    return {"program": program.name, "lacks": lacks, "adds": adds, "listed": listed}


def lacking_texts(program: Program, found: Mapping[Finding, str]) -> dict[Finding, str]:
    """Messages of ours that lack the text they are expected to have."""
    return {
        finding: found[finding]
        for finding, text in program.expected_texts.items()
        if finding in found and text not in found[finding]
    }


@each(PROGRAMS)
def test_the_analyzer_says_what_the_page_says(program: Program) -> None:
    found = analyzer_judge.judge(program)
    assert disagreement("analyzer", program, program.expected, found) == {}
    assert lacking_texts(program, found) == {}


def test_mypy_says_the_same_at_the_same_lines(tmp_path: Path) -> None:
    verdicts = mypy_judge.judge([program for program in PROGRAMS if mypy_judge.is_judged(program)], tmp_path)
    differing = [disagreement("mypy", program, program.expected, found) for program, found in verdicts.items()]
    assert [one for one in differing if one] == []
    lacking = [lacking_texts(program, found) for program, found in verdicts.items()]
    assert [one for one in lacking if one] == []


@each([program for program in PROGRAMS if program.is_for("run")])
def test_the_runtime_does_the_same_at_the_same_lines(program: Program) -> None:
    found = runtime_judge.judge(program)
    assert disagreement("runtime", program, runtime_judge.expected(program), found) == {}


def test_every_difference_is_of_a_program_and_has_a_reason() -> None:
    names = {program.name for program in PROGRAMS}
    assert [one for one in DIFFERENCES if one["program"] not in names or not one["reason"]] == []
    assert len({(one["program"], one["judge"]) for one in DIFFERENCES}) == len(DIFFERENCES)


def test_programs_have_names_of_their_own() -> None:
    modules = [program.module for program in PROGRAMS]
    assert sorted(modules) == sorted(set(modules))


def test_every_expected_code_is_in_the_catalogue_and_every_code_but_that_of_files_is_expected() -> None:
    in_pages = [program for program in PROGRAMS if not program.page.startswith("code ")]
    codes = {finding.code for program in in_pages for finding in program.expected} - {"revealed-type"}
    assert codes == CATALOGUE.keys() - {"unreadable-file"}
