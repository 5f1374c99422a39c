"""The pages of programs in `pages`, through mypy: what it says stands beside the lines, and nothing else is said."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from mypy_programs import Mypy

PAGES = Path(__file__).parent / "pages"
_PROGRAM = re.compile(
    r"^## (?P<title>[^\n]*)\n(?:(?!^## ).)*?^```python\n(?P<program>.*?)^```$", re.MULTILINE | re.DOTALL
)


@pytest.mark.parametrize("page", sorted(PAGES.glob("*.md")), ids=lambda page: page.stem)
def test_mypy_says_what_the_page_says(page: Path, mypy: Mypy) -> None:
    text = page.read_text(encoding="utf-8")
    programs = {module_name(match["title"]): match["program"] for match in _PROGRAM.finditer(text)}
    assert len(programs) == text.count("```python")
    assert mypy.differences(programs) == {}


def module_name(title: str) -> str:
    return re.sub(r"\W+", "_", title.lower()).strip("_")
