"""The plugin works with every mypy that it says it works with."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from mypy.version import __version__ as INSTALLED

from named_types.mypy_plugin.compatibility import TESTED

HERE = Path(__file__).parent
PAGES = ["annotations", "calls", "gradual", "lifting", "messages", "pages", "symbolic", "xmap"]


@pytest.mark.slow
@pytest.mark.parametrize("version", [one for one in TESTED if not INSTALLED.startswith(f"{one}.")])
def test_another_mypy_says_the_same(version: str, tmp_path: Path) -> None:
    packages = tmp_path / "packages"
    install = ["-m", "pip", "install", "--quiet", "--target", str(packages), f"mypy=={version}.*"]
    subprocess.run([sys.executable, *install], check=True)
    environment = os.environ | {"PYTHONPATH": str(packages)}
    shown = subprocess.run([sys.executable, "-m", "mypy", "--version"], capture_output=True, text=True, env=environment)
    assert shown.stdout.startswith(f"mypy {version}.")
    tests = [str(HERE / f"test_{page}.py") for page in PAGES]
    command = [sys.executable, "-m", "pytest", "--quiet", "-n0", "-o", f"cache_dir={tmp_path / 'cache'}", *tests]
    run = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=HERE.parent.parent)
    assert run.returncode == 0, run.stdout
