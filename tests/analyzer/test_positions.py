"""Where nodes stand: what libcst says of the whole module, found out statement by statement."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import libcst as cst
import pytest
from libcst.metadata import MetadataWrapper, PositionProvider
from literate.programs import corpus

from named_types.analyzer.parsing import parse_module
from named_types.analyzer.positions import Positions
from named_types.analyzer.syntax import descendants

ODD = {
    "nothing": "",
    "a comment": "# nothing\n",
    "several statements in a line": "x = 1; y = 2; z = (x,\n  y)\nw = z\n",
    "decorators": "import f\n\n@f\n# why\n@f(\n    1,\n)\n\nasync def g(x): pass\n",
    "decorators of classes": "@(\n  f\n)\nclass C:\n  @f\n  def h(self): ...\n",
    "parentheses": "(\n    1\n)\n((2), [\n3])\nx\n",
    "strings over lines": "'''a\nb'''\nx = '''c\n\nd'''  # no\ny = x\n",
    "old lines": "x = 1\r\ny = [\r\n2]\r\nz = 3\r\n",
    "continued lines": "x = \\\n  1\nif x: \\\n  y = 2\nz = 3",
    "form feeds": "x = 1\n\x0c\ny = 2\n",
    "tabs": "if 1:\n\tx = 1\n\tif x:\n\t\ty = 2\nelse:\n\tz = 3\nw = 1\n",
    "an ending without a line": "x = 1\ndef f(): return 2",
    "what libcst alone reads": "print(1)\nx = (yield)\nreturn 3\n",
}


@pytest.mark.parametrize("source", ODD.values(), ids=ODD)
def test_every_node_stands_where_libcst_says(source: str) -> None:
    agree(source)


def test_in_the_programs_of_the_pages() -> None:
    for program in corpus():
        agree(program.source)


def test_in_modules() -> None:
    for path in Path(__file__).parent.glob("*.py"):
        agree(path.read_text())


def agree(source: str) -> None:
    try:
        parsed = parse_module(source)
    except cst.ParserSyntaxError:
        return
    positions = Positions("m.py", parsed)
    expected: Mapping[cst.CSTNode, Any] = PositionProvider()._gen(MetadataWrapper(parsed.module, unsafe_skip_copy=True))
    for statement in parsed.module.body:
        for node in descendants(statement):
            if node not in expected:
                continue
            at, found = expected[node], positions.find(node)
            assert found is not None
            place = (at.start.line, at.start.column + 1, at.end.line, at.end.column + 1)
            assert (found.line, found.column, found.end_line, found.end_column) == place
            if isinstance(node, cst.BaseExpression):
                assert any(one is node for one in positions.nodes_at(*place))
