from __future__ import annotations

from dataclasses import dataclass

import pytest

from named_types.diagnostics import Diagnostic, Place, Related
from named_types.problems import Problem


@dataclass(frozen=True)
class AxesMeet(Problem):
    """A problem of the tests' own: the formats are to be right whatever the messages become."""

    code = "axes-meet"

    @property
    def message(self) -> str:
        return "axes 'a' and 'b' meet in one value"

    @property
    def help(self) -> str:
        return "reduce over 'a' or 'b' first"


@pytest.fixture
def source() -> str:
    """A program in which two axes on one resource meet."""
    return """\
def add(x, y):
    z = x + y
    return z

xmap(add, in_axes=(['a', ...], ['b', ...]), out_axes=[...], axis_resources={'a': 'x', 'b': 'x'})
"""


@pytest.fixture
def conflict() -> Diagnostic:
    """What there is to say about it."""
    return Diagnostic(
        AxesMeet(),
        Place("train.py", 2, 9, 2, 14),
        label="f32[(), {'a': 4, 'b': 12}]",
        related=(
            Related(Place("train.py", 5, 21, 5, 24), "'a': 4 enters here"),
            Related(Place("train.py", 5, 76, 5, 79), "mapped here"),
            Related(Place("mesh.py", 3, 1, 3, 5), "the mesh is made here"),
        ),
    )
