"""What the tutorial shows is what the checker says."""

from __future__ import annotations

import runpy
from pathlib import Path

ROOT = Path(__file__).parent.parent
with_output = runpy.run_path(str(ROOT / "tools" / "generate_tutorial_output.py"))["with_output"]
TUTORIAL = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")


def test_the_output_shown_is_that_of_the_checker() -> None:
    assert with_output(TUTORIAL) == TUTORIAL


def test_output_that_is_not_that_of_the_checker_is_noticed() -> None:
    said = "program.py:6:18: error[incompatible-assignment]"
    assert said in TUTORIAL
    assert with_output(TUTORIAL.replace(said, "program.py:6:18: nothing")) == TUTORIAL
