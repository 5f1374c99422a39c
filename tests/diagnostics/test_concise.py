from __future__ import annotations

import click

from named_types.diagnostics import Diagnostic, Place
from named_types.diagnostics.concise import render_concise


def test_one_line_each(conflict: Diagnostic) -> None:
    revealed = Diagnostic.revealed("f32[(5,)]", Place("train.py", 7, 1, 7, 2))
    assert click.unstyle(render_concise([conflict, revealed], {})) == (
        "train.py:2:9: error[axes-meet] axes 'a' and 'b' meet in one value\n"
        'train.py:7:1: note[revealed-type] revealed type is "f32[(5,)]"'
    )


def test_nothing_is_an_empty_text() -> None:
    assert render_concise([], {}) == ""
