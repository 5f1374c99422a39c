"""What the tutorial shows is what the checker says."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
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


def test_what_explain_prints_is_shown(tmp_path: Path) -> None:
    section = re.search(r"^## Where values live$.*?^## ", TUTORIAL, re.MULTILINE | re.DOTALL)
    assert section is not None
    program, shown = re.findall(r"^```(?:python|text)\n(.*?)^```$", section[0], re.MULTILINE | re.DOTALL)
    (tmp_path / "program.py").write_text(program)
    printed = subprocess.run([sys.executable, "program.py"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert printed.stdout.replace(f"{tmp_path}/", "") == shown
