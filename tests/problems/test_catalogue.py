"""The catalogue: one problem, one code, one file, one page."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import re
from pathlib import Path

import pytest

from named_types import problems
from named_types.problems import CATALOGUE, Problem

ROOM = Path(problems.__file__).parent
SECTIONS = ("What it does", "Why is this bad?", "Example", "Use instead", "When to suppress")
WITHOUT_A_PROGRAM = {"unreadable-file"}

every_code = pytest.mark.parametrize("code", CATALOGUE)


def page(code: str) -> str:
    return inspect.getdoc(CATALOGUE[code]) or ""


def section(code: str, title: str) -> str:
    """The text under a heading of a page, empty if the page lacks it."""
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", page(code), re.MULTILINE | re.DOTALL)
    return found[1] if found else ""


def programs(text: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def test_registered_codes_are_the_file_names() -> None:
    files = {path.stem.replace("_", "-") for path in ROOM.glob("*.py")} - {"--init--", "problem", "written-operation"}
    assert CATALOGUE.keys() == files


def test_codes_are_kebab_case_and_sorted() -> None:
    assert list(CATALOGUE) == sorted(CATALOGUE)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", code) for code in CATALOGUE)


def test_no_problem_is_left_out_of_the_catalogue() -> None:
    defined = {problem for problem in Problem.__subclasses__() if problem.__module__.startswith("named_types.")}
    assert defined == set(CATALOGUE.values())


@every_code
def test_a_problem_stands_in_the_file_of_its_code_and_is_exported(code: str) -> None:
    problem = CATALOGUE[code]
    assert problem.code == code
    assert inspect.getfile(problem) == str(ROOM / f"{code.replace('-', '_')}.py")
    assert problem.__name__ in problems.__all__


@every_code
def test_a_problem_is_a_frozen_dataclass(code: str) -> None:
    assert dataclasses.is_dataclass(CATALOGUE[code])
    assert CATALOGUE[code].__dataclass_params__.frozen  # type: ignore[attr-defined]


@every_code
def test_a_page_opens_with_one_sentence(code: str) -> None:
    first, blank, *_ = page(code).splitlines()
    assert first.endswith(".")
    assert first.count(". ") == 0
    assert blank == ""


@every_code
def test_a_page_has_its_sections_in_order(code: str) -> None:
    titles = re.findall(r"^## (.*)$", page(code), re.MULTILINE)
    assert titles[:4] == list(SECTIONS[:4])
    assert titles == list(SECTIONS[: len(titles)])
    assert all(section(code, title).strip() for title in titles)


@every_code
def test_the_example_marks_the_line_of_the_problem(code: str) -> None:
    marks = [re.findall(r"# (\w+): \[(.*?)\]", program) for program in programs(section(code, "Example"))]
    assert marks == ([] if code in WITHOUT_A_PROGRAM else [[(CATALOGUE[code].severity, code)]])


@every_code
def test_what_to_use_instead_has_no_error(code: str) -> None:
    instead = programs(section(code, "Use instead"))
    assert bool(instead) == (code not in WITHOUT_A_PROGRAM)
    for program in instead:
        ast.parse(program)
        assert not re.search("# (error|warning)", program)


@pytest.mark.parametrize("code", sorted(CATALOGUE.keys() - {"syntax-error"} - WITHOUT_A_PROGRAM))
def test_the_example_is_python(code: str) -> None:
    for program in programs(section(code, "Example")):
        ast.parse(program)
