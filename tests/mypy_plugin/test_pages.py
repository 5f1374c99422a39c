"""The pages of programs in `pages`, through mypy: what it says stands beside the lines, and nothing else is said."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from mypy.version import __version__ as MYPY
from mypy_programs import Mypy

PARSES_TYPE_PARAMETERS = MYPY >= "2.4" or sys.version_info >= (3, 12)
PAGES = Path(__file__).parent / "pages"
_PROGRAM = re.compile(
    r"^## (?P<title>[^\n]*)\n(?:(?!^## ).)*?^```python\n(?P<program>.*?)^```$", re.MULTILINE | re.DOTALL
)


PARSED = [page for page in sorted(PAGES.glob("*.md")) if PARSES_TYPE_PARAMETERS or page.stem != "type_parameters"]


@pytest.mark.parametrize("page", PARSED, ids=lambda page: page.stem)
def test_mypy_says_what_the_page_says(page: Path, mypy: Mypy) -> None:
    text = page.read_text(encoding="utf-8")
    programs = {module_name(match["title"]): match["program"] for match in _PROGRAM.finditer(text)}
    assert len(programs) == text.count("```python")
    assert mypy.differences(programs) == {}


def module_name(title: str) -> str:
    return re.sub(r"\W+", "_", title.lower()).strip("_")
