"""The page of functions lists what the faces have."""

from __future__ import annotations

import runpy
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "functions.md"


def test_the_tables_are_those_of_the_faces() -> None:
    with_tables = runpy.run_path(str(ROOT / "tools" / "generate_functions_page.py"))["with_tables"]
    text = PAGE.read_text(encoding="utf-8")
    assert with_tables(text) == text, "run `python tools/generate_functions_page.py`"
    stale = text.replace("| `median` | `axis` | reduces | gathers |", "| `median` | `axis` | keeps | gathers |")
    assert stale != text
    assert with_tables(stale) == text
