"""The page of messages shows what the runtime really says."""

from __future__ import annotations

import runpy
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "messages.md"


def test_the_page_shows_what_its_programs_raise() -> None:
    with_messages = runpy.run_path(str(ROOT / "tools" / "generate_messages.py"))["with_messages"]
    text = PAGE.read_text(encoding="utf-8")
    assert with_messages(text) == text, "run `python tools/generate_messages.py`"
    stale = text.replace("axis 'batch' is unbound", "axis 'batch' is bound")
    assert stale != text
    assert with_messages(stale) == text
