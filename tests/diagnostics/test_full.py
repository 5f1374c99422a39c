from __future__ import annotations

import click
import pytest

from named_types.diagnostics import Diagnostic, Place, Related
from named_types.diagnostics.full import render_full
from named_types.problems import SyntaxProblem


def plain(diagnostic: Diagnostic, source: str) -> str:
    return click.unstyle(render_full([diagnostic], {diagnostic.place.path: source}))


def finding(line: int, column: int, end_line: int, end_column: int, label: str | None = None) -> Diagnostic:
    return Diagnostic(SyntaxProblem("odd"), Place("a.py", line, column, end_line, end_column), label)


HEADER = "error[syntax-error]: the file cannot be parsed: odd"


def test_shows_source_labels_origins_and_help(conflict: Diagnostic, source: str) -> None:
    assert plain(conflict, source) == (
        "train.py:2:9: error[axes-meet]: axes 'a' and 'b' meet in one value\n"
        "    2 |     z = x + y\n"
        "      |         ^^^^^ f32[(), {'a': 4, 'b': 12}]\n"
        "    5 | xmap(add, in_axes=(['a', ...], ['b', ...]), out_axes=[...], axis_resources={'a': 'x', 'b': 'x'})\n"
        "      |                     --- 'a': 4 enters here                                 --- mapped here\n"
        "   mesh.py:3: the mesh is made here\n"
        "   help: reduce over 'a' or 'b' first"
    )


def test_lines_of_other_files_stand_below_their_names(conflict: Diagnostic, source: str) -> None:
    mesh = "import jax\n\nmesh = jax.make_mesh((4,), ('x',))\n"
    shown = click.unstyle(render_full([conflict], {"train.py": source, "mesh.py": mesh})).splitlines()
    assert shown[5:] == [
        "   mesh.py:",
        "    3 | mesh = jax.make_mesh((4,), ('x',))",
        "      | ---- the mesh is made here",
        "   help: reduce over 'a' or 'b' first",
    ]


def test_lines_stand_in_order_when_the_origin_comes_first() -> None:
    found = Diagnostic(
        SyntaxProblem("odd"), Place("a.py", 2, 1, 2, 2), related=(Related(Place("a.py", 1, 1, 1, 2), "made here"),)
    )
    assert plain(found, "x = 1\ny = x\n") == (
        f"a.py:2:1: {HEADER}\n    1 | x = 1\n      | - made here\n    2 | y = x\n      | ^"
    )


def test_markers_that_do_not_fit_side_by_side_take_another_row() -> None:
    found = Diagnostic(
        SyntaxProblem("odd"),
        Place("a.py", 1, 1, 1, 2),
        label="a long label",
        related=(Related(Place("a.py", 1, 5, 1, 6), "here"),),
    )
    assert plain(found, "x + y") == f"a.py:1:1: {HEADER}\n    1 | x + y\n      | ^ a long label\n      |     - here"


def test_a_place_of_several_lines_is_marked_to_the_end_of_its_first() -> None:
    assert plain(finding(1, 5, 3, 2), "x = f(  \n  1\n)\n") == f"a.py:1:5: {HEADER}\n    1 | x = f(\n      |     ^^"


def test_an_empty_place_still_has_a_marker() -> None:
    assert plain(finding(1, 3, 1, 3), "x = 1") == f"a.py:1:3: {HEADER}\n    1 | x = 1\n      |   ^"


@pytest.mark.parametrize(
    ("line", "column", "shown", "marker"),
    [
        pytest.param("\tx = y", 6, "    x = y", "        ^", id="tab"),
        pytest.param("é = y", 5, "é = y", "    ^", id="accent"),
        pytest.param("'数' + y", 7, "'数' + y", "       ^", id="wide"),
        pytest.param("'e\u0301' + y", 8, "'e\u0301' + y", "      ^", id="combining"),
        pytest.param("'\x1b' + y", 7, "'\N{REPLACEMENT CHARACTER}' + y", "      ^", id="escape"),
        pytest.param("'\u2028' + y", 7, "'\N{REPLACEMENT CHARACTER}' + y", "      ^", id="line separator"),
    ],
)
def test_the_marker_stands_under_what_the_terminal_shows(line: str, column: int, shown: str, marker: str) -> None:
    found = finding(1, column, 1, column + 1)
    assert plain(found, line) == f"a.py:1:{column}: {HEADER}\n    1 | {shown}\n      | {marker}"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_of_python_counts(end: str) -> None:
    assert "    2 | y = 2\n" in plain(finding(2, 1, 2, 2), f"x = 1{end}y = 2{end}")


def test_without_source_there_is_a_heading_alone() -> None:
    assert click.unstyle(render_full([finding(1, 1, 1, 1)], {})) == f"a.py:1:1: {HEADER}"


def test_a_place_beyond_the_source_has_a_heading_alone() -> None:
    assert plain(finding(9, 1, 9, 1), "x = 1") == f"a.py:9:1: {HEADER}"


def test_a_blank_line_stands_between_diagnostics() -> None:
    text = click.unstyle(render_full([finding(1, 1, 1, 2)] * 2, {"a.py": "x"}))
    assert text == "\n\n".join([f"a.py:1:1: {HEADER}\n    1 | x\n      | ^"] * 2)


def test_a_note_is_no_error() -> None:
    revealed = Diagnostic.revealed("f32[(2, 5)]", Place("a.py", 1, 13, 1, 14))
    assert plain(revealed, "reveal_type(z)") == (
        'a.py:1:13: note[revealed-type]: revealed type is "f32[(2, 5)]"\n    1 | reveal_type(z)\n      |             ^'
    )


def test_errors_are_red(conflict: Diagnostic, source: str) -> None:
    assert click.style("error[axes-meet]", fg="red", bold=True) in render_full([conflict], {"train.py": source})
