"""The documentation: a page for every code, and a build without warnings."""

from __future__ import annotations

import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from named_types.problems import CATALOGUE, ResourceConflict

ROOT = Path(__file__).parent.parent
write_code_pages = runpy.run_path(str(ROOT / "docs" / "conf.py"))["write_code_pages"]


def test_every_code_has_a_page_and_no_page_lacks_a_code(tmp_path: Path) -> None:
    (tmp_path / "gone.md").touch()
    write_code_pages(tmp_path)
    assert {path.stem for path in tmp_path.iterdir()} == {*CATALOGUE, "index"}


def test_a_page_is_the_docstring_of_its_class(tmp_path: Path) -> None:
    write_code_pages(tmp_path)
    first_line = str(ResourceConflict.__doc__).splitlines()[0]
    assert (tmp_path / "resource-conflict.md").read_text().startswith(f"# resource-conflict\n\n{first_line}\n")
    assert f"- [`resource-conflict`](resource-conflict.md): {first_line}\n" in (tmp_path / "index.md").read_text()


@pytest.mark.slow
def test_the_documentation_builds(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "sphinx", "--quiet", "--fail-on-warning", "--doctree-dir", str(tmp_path / "trees")]
    run = subprocess.run([*build, str(ROOT / "docs"), str(tmp_path / "html")], capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (0, "")
    assert (tmp_path / "html" / "codes" / "resource-conflict.html").exists()
