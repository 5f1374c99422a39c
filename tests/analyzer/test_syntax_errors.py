"""A file that is no Python gets one diagnostic, in Python's own words and at its place."""

from __future__ import annotations

import pytest

from named_types.analyzer import check_source


@pytest.mark.parametrize(
    ("source", "place", "reason"),
    [
        ("x = (\n", (1, 5), "'(' was never closed"),
        ("print 'hello'\n", (1, 1), "Missing parentheses in call to 'print'. Did you mean print(...)?"),
        ("def f(:\n    pass\n", (1, 7), "invalid syntax"),
    ],
)
def test_a_file_that_cannot_be_parsed(source: str, place: tuple[int, int], reason: str) -> None:
    (diagnostic,) = check_source("program.py", source)
    assert diagnostic.code == "syntax-error"
    assert diagnostic.message == f"the file cannot be parsed: {reason}"
    assert (diagnostic.place.line, diagnostic.place.column) == place
