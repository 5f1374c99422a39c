from __future__ import annotations

import pytest

from named_types.diagnostics import Diagnostic, Place, Suppressions
from named_types.diagnostics.suppression import MYPY_CODES
from named_types.problems import CATALOGUE, SyntaxProblem


def silenced(source: str, line: int = 1, end_line: int | None = None) -> bool:
    """Whether ``source`` silences a syntax-error on ``line``."""
    place = Place("a.py", line, 1, end_line or line, 2)
    return Suppressions.of(source).silence(Diagnostic(SyntaxProblem("odd"), place))


@pytest.mark.parametrize(
    "comment",
    [
        "# named-types: ignore",
        "# named-types: ignore[syntax-error]",
        "#named-types:ignore[syntax-error]",
        "# named-types: ignore [other, syntax-error]",
        "# named-types: ignore[syntax-error] because it is generated",
        "# noqa: E501 # named-types: ignore[syntax-error]",
        "# type: ignore",
        "# type: ignore[syntax-error]",
        "# type: ignore[assignment, syntax-error]  # named-types: ignore[other]",
    ],
)
def test_silences_its_line(comment: str) -> None:
    assert silenced(f"x = 1  {comment}\n")


@pytest.mark.parametrize(
    "comment",
    [
        "# named-types: ignore[other]",
        "# named-types: ignore[]",
        "# named-types: ignore[syntax-error",
        "# named-types: ignored",
        "# named-types: ignore-files",
        "# type: ignore[assignment]",
        "# type: ignorance",
        "# ignore[syntax-error]",
    ],
)
def test_silences_nothing(comment: str) -> None:
    assert not silenced(f"x = 1  {comment}\n")


def test_silences_no_other_line() -> None:
    assert not silenced("x = 1  # named-types: ignore\ny = 2\n", line=2)


def test_a_string_is_no_comment() -> None:
    assert not silenced("x = '# named-types: ignore'\n")


@pytest.mark.parametrize("commented", [1, 3])
def test_first_and_last_line_count(commented: int) -> None:
    lines = ["x = f(", "  1", ")"]
    lines[commented - 1] += "  # named-types: ignore[syntax-error]"
    assert silenced("\n".join(lines), line=1, end_line=3)


def test_a_line_between_does_not_count() -> None:
    assert not silenced("x = f(\n  1  # named-types: ignore\n)", line=1, end_line=3)


def test_a_file_comment_silences_every_line() -> None:
    assert silenced("# named-types: ignore-file\nx = 1\ny = 2\n", line=3)


def test_a_file_comment_may_name_codes() -> None:
    assert silenced("x = 1\n# named-types: ignore-file[syntax-error]\n")
    assert not silenced("x = 1\n# named-types: ignore-file[other]\n")


def test_comments_before_a_syntax_error_count() -> None:
    assert silenced("x = 1  # named-types: ignore\ny = (\n")


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("incompatible-argument", "arg-type"),
        ("incompatible-assignment", "assignment"),
        ("incompatible-return", "return-value"),
        ("resource-conflict", "named-axis"),
    ],
)
def test_codes_of_mypy_silence_what_mypy_tells_under_them(code: str, name: str) -> None:
    silent = [one for one in CATALOGUE if Suppressions.of(f"x  # type: ignore[{name}]").silence_code(one, 1, 1)]
    assert code in silent
    assert silent == ([code] if name != "named-axis" else [one for one in CATALOGUE if one not in MYPY_CODES])
