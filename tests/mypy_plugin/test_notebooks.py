"""Notebooks, which nbqa hands to mypy; it is fetched for the test."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from mypy_programs import Mypy

CELLS = [
    "import jax.numpy as jnp\nfrom named_types import f32",
    "x: f32[(2, 4)] = jnp.ones((2, 3))",
    "%time\njnp.dot(jnp.ones(2), jnp.ones(3))",
]


@pytest.mark.slow
def test_cells_are_checked(mypy: Mypy, tmp_path: Path) -> None:
    packages = tmp_path / "packages"
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--target", str(packages), "nbqa"], check=True)
    cells: list[dict[str, Any]] = [
        {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": source.splitlines(True)}
        for source in CELLS
    ]
    notebook = {"nbformat": 4, "nbformat_minor": 4, "metadata": {"language_info": {"name": "python"}}, "cells": cells}
    (mypy.directory / "notebook.ipynb").write_text(json.dumps(notebook))
    command = [sys.executable, "-m", "nbqa", "mypy", "notebook.ipynb", "--no-color-output", f"--cache-dir={mypy.cache}"]
    environment = {**os.environ, "PYTHONPATH": str(packages)}
    run = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert run.stdout.splitlines()[:2] == [
        "notebook.ipynb:cell_2:1: error: Incompatible types in assignment "
        '(expression has type "f32[(2, 3)]", variable has type "f32[(2, 4)]")  [assignment]',
        "notebook.ipynb:cell_3:2: error: cannot compute jax.numpy.dot(f32[(2,)], f32[(3,)]): "
        "the axes that are summed over have sizes 2 and 3  [invalid-operation]",
    ], run.stderr
