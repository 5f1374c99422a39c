"""Write what the checker says about the programs of the tutorial into the blocks that show it.

    python tools/generate_tutorial_output.py

A block of text after a program is the output of `named-types check program.py`.
"""

from __future__ import annotations

import re
from pathlib import Path

import click

from named_types.analyzer import check_source
from named_types.diagnostics.full import render_full

TUTORIAL = Path(__file__).parent.parent / "docs" / "tutorial.md"
_FILE = "program.py"
_SHOWN = re.compile(r"(?<=^```python\n)(?P<source>[^`]*)```\n\n```text\n[^`]*(?=^```$)", re.MULTILINE)


def with_output(text: str) -> str:
    """A page with the output of each program that shows one."""
    return _SHOWN.sub(lambda match: f"{match['source']}```\n\n```text\n{_output(match['source'])}\n", text)


def _output(source: str) -> str:
    return click.unstyle(render_full(check_source(_FILE, source), {_FILE: source}))


if __name__ == "__main__":
    TUTORIAL.write_text(with_output(TUTORIAL.read_text(encoding="utf-8")), encoding="utf-8")
