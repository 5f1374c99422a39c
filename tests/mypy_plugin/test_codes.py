"""The codes of problems are mypy's codes: whatever silences those silences these."""

from __future__ import annotations

import pytest
from mypy_programs import Mypy

PROGRAM = """\
HEADER
import jax.numpy as jnp

jnp.dot(jnp.zeros(2), jnp.zeros(3))COMMENT
"""


def said(mypy: Mypy, comment: str = "", header: str = "", settings: str = "") -> list[str]:
    """What mypy says of the program, with a comment on the line with the problem, a header, and more settings."""
    (mypy.directory / "mypy.ini").write_text(f"[mypy]\nplugins = named_types.mypy_plugin\n{settings}")
    program = PROGRAM.replace("HEADER", header).replace("COMMENT", f"  {comment}")
    return [line for line in mypy.run(mypy.write("program.py", program)) if ": note: " not in line]


def test_the_problem_has_its_code(mypy: Mypy) -> None:
    (line,) = said(mypy)
    assert line.startswith("program.py:3: error: ")
    assert line.endswith("  [invalid-operation]")


@pytest.mark.parametrize("codes", ["[invalid-operation]", "[named-axis]", "", "[misc, invalid-operation]"])
def test_a_comment_silences_it(codes: str, mypy: Mypy) -> None:
    assert said(mypy, f"# type: ignore{codes}") == []


def test_a_comment_with_another_code_does_not(mypy: Mypy) -> None:
    (line,) = said(mypy, "# type: ignore[resource-conflict]")
    assert line.endswith("  [invalid-operation]")


@pytest.mark.parametrize("code", ["invalid-operation", "named-axis"])
def test_a_module_can_disable_it_by_a_comment(code: str, mypy: Mypy) -> None:
    assert said(mypy, header=f'# mypy: disable-error-code="{code}"') == []


@pytest.mark.parametrize("code", ["invalid-operation", "named-axis"])
def test_a_module_can_disable_it_by_the_configuration(code: str, mypy: Mypy) -> None:
    assert said(mypy, settings=f"[mypy-program]\ndisable_error_code = {code}\n") == []
    (line,) = said(mypy, settings=f"[mypy-another]\ndisable_error_code = {code}\n")
    assert line.endswith("  [invalid-operation]")


@pytest.mark.parametrize(
    ("comment", "unused"),
    [
        ("# type: ignore[invalid-operation]", []),
        (
            "# type: ignore[named-axis]",
            [
                'program.py:4: error: Unused "type: ignore" comment, use narrower [invalid-operation] '
                "instead of [named-axis] code  [unused-ignore]"
            ],
        ),
        (
            "# type: ignore[invalid-operation, resource-conflict]",
            ['program.py:4: error: Unused "type: ignore[resource-conflict]" comment  [unused-ignore]'],
        ),
    ],
)
def test_unused_comments_are_told(comment: str, unused: list[str], mypy: Mypy) -> None:
    assert said(mypy, comment, header="# mypy: warn-unused-ignores") == unused


TWICE = """\
# mypy: warn-unused-ignores
import jax.numpy as jnp
from named_types import f32
from named_types.runtime import xmap

def f(x: f32[(2,)]) -> f32[(3,)]:
    y: f32[(5,)] = x  COMMENT
    return x  COMMENT

xmap(f)  COMMENT
jnp.ones(3) + None  COMMENT
jnp.ones(3).at.set(1.0)  COMMENT
"""
"""What mypy finds too, under a code of its own, is told once."""

LINES = {
    7: "assignment",
    8: "return-value",
    10: "invalid-operation",
    11: "invalid-operation",
    12: "invalid-operation",
}


def codes_with(mypy: Mypy, comment: str) -> dict[int, str]:
    """The codes of the program's lines, with a comment on each line that has one."""
    said = mypy.run(mypy.write("program.py", TWICE.replace("COMMENT", f"  {comment}")))
    told = [line for line in said if ": error: " in line]
    assert len(told) == len({line.split(":")[1] for line in told})
    return {int(line.split(":")[1]): line.rpartition("[")[2].rstrip("]") for line in told}


@pytest.mark.parametrize(
    ("comment", "silent"),
    [
        ("", set()),
        ("# named-types: ignore[incompatible-assignment, incompatible-return]", {7, 8}),
        ("# type: ignore", {7, 8, 10, 11, 12}),
    ],
)
def test_what_both_find_is_told_once(comment: str, silent: set[int], mypy: Mypy) -> None:
    said = codes_with(mypy, comment)
    assert said == {line: code for line, code in LINES.items() if line not in silent}


@pytest.mark.parametrize(
    ("line", "comment"),
    [
        (7, "assignment"),
        (7, "incompatible-assignment"),
        (8, "return-value"),
        (8, "incompatible-return"),
        (10, "call-arg"),
        (11, "operator"),
        (12, "attr-defined"),
        (10, "invalid-operation"),
        (11, "invalid-operation"),
        (12, "invalid-operation"),
    ],
)
def test_either_name_of_a_code_silences_it_and_is_used(line: int, comment: str, mypy: Mypy) -> None:
    lines = TWICE.replace("COMMENT", "").splitlines()
    lines[line - 1] += f"  # type: ignore[{comment}]"
    said = mypy.run(mypy.write("program.py", "\n".join(lines)))
    assert [one for one in said if one.startswith(f"program.py:{line}:")] == []
