from __future__ import annotations

import json

from named_types.diagnostics import Diagnostic
from named_types.diagnostics.json_format import render_json


def test_every_field_of_a_diagnostic_and_of_what_is_related(conflict: Diagnostic) -> None:
    def related(message: str, path: str, line: int, column: int, end_column: int) -> dict[str, object]:
        return {
            "code": "axes-meet",
            "message": message,
            "severity": "note",
            "path": path,
            "line": line,
            "column": column,
            "end_line": line,
            "end_column": end_column,
            "related": [],
            "fix": None,
        }

    assert json.loads(render_json([conflict], {})) == [
        {
            "code": "axes-meet",
            "message": "axes 'a' and 'b' meet in one value",
            "severity": "error",
            "path": "train.py",
            "line": 2,
            "column": 9,
            "end_line": 2,
            "end_column": 14,
            "related": [
                related("'a': 4 enters here", "train.py", 5, 21, 24),
                related("mapped here", "train.py", 5, 76, 79),
                related("the mesh is made here", "mesh.py", 3, 1, 5),
            ],
            "fix": None,
        }
    ]


def test_nothing_is_an_empty_array() -> None:
    assert json.loads(render_json([], {})) == []
