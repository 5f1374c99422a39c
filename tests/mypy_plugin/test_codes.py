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
