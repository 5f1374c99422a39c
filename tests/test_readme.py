"""What the README shows is what happens."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
(PROGRAM,) = re.findall(r"^```python.*?\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
(OUTPUT,) = re.findall(r"^```\n(train\.py:.*?)^```", README, re.MULTILINE | re.DOTALL)


def run(directory: Path, program: str, *command: str) -> subprocess.CompletedProcess[str]:
    (directory / "train.py").write_text(program)
    return subprocess.run([sys.executable, *command, "train.py"], cwd=directory, capture_output=True, text=True)


def test_the_checker_says_what_is_shown(tmp_path: Path) -> None:
    checked = run(tmp_path, PROGRAM, "-c", "from named_types.cli import main; main()", "check")
    assert (checked.stdout, checked.returncode) == (OUTPUT, 1)


def test_the_runtime_says_the_same_at_the_same_line(tmp_path: Path) -> None:
    place, problem, message = re.match(r"train\.py:(\d+):\d+: error(\[.*?\]): (.*)", OUTPUT).groups()  # type: ignore[union-attr]
    executed = run(tmp_path, PROGRAM)
    assert f"{problem} {message}\n  at: " in executed.stderr
    assert f"train.py:{place}:" in executed.stderr


@pytest.mark.parametrize(
    ("wrong", "right", "result"),
    [
        ('{"a": "x", "b": "x"}', '{"a": "x"}', 96),
        ("    z = x + y\n    return lax.psum(z, ", '    return lax.psum(x, "a") + lax.psum(y, "b")  # ', 16),
    ],
)
def test_both_cures_cure(wrong: str, right: str, result: int, tmp_path: Path) -> None:
    program = PROGRAM.replace(wrong, right)
    assert program != PROGRAM
    executed = run(tmp_path, program)
    assert (executed.returncode, executed.stdout) == (0, f"{result}.0\n"), executed.stderr
