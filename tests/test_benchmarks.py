"""The benchmarks run, and measure programs that are what they claim to be. How fast anything is, is not tested."""

from __future__ import annotations

import json
import math
import runpy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import pytest

from named_types.analyzer import check_source

ROOT = Path(__file__).parent.parent

NAMES = ["analyzer", "mypy", "xmap", "partition", "import"]


def benchmarks(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_benchmark_gives_ratios(name: str) -> None:
    done = benchmarks("--quick", "--json", name)
    assert done.returncode == 0, done.stderr
    comparisons = json.loads(done.stdout)
    assert comparisons
    for comparison in comparisons:
        for figure in ("ours", "reference", "ratio"):
            for clock in ("processor", "wall"):
                assert math.isfinite(comparison[figure][clock]), comparison
                assert comparison[figure][clock] > 0, comparison


@pytest.mark.slow
def test_a_table_has_a_row_for_each_comparison() -> None:
    done = benchmarks("--quick", "import")
    assert done.returncode == 0, done.stderr
    title, headings, *rows = done.stdout.rstrip().splitlines()
    assert title == "== Imports in a new Python"
    assert headings.split() == ["ours", "reference", "ratio", "more", "by", "wall", "clock", "against"]
    assert [row.split("  ")[0] for row in rows] == ["import named_types", "import named_types.runtime"]


def test_an_unknown_benchmark_is_told() -> None:
    done = benchmarks("analyser")
    assert done.returncode == 2
    assert f"unknown benchmark 'analyser'; there are {', '.join(NAMES)}" in done.stderr


@pytest.fixture(scope="module")
def model_code() -> Callable[[int], str]:
    found: Callable[[int], str] = runpy.run_path(str(ROOT / "benchmarks" / "generated_code.py"))["model_code"]
    return found


def test_generated_model_code_is_as_long_as_asked_and_right(model_code: Callable[[int], str]) -> None:
    source = model_code(500)
    assert 400 < source.count("\n") <= 500
    assert check_source("model.py", source) == ()


def test_generated_model_code_is_analyzed_to_its_end(model_code: Callable[[int], str]) -> None:
    wrong = model_code(100).replace('hidden.T * 0.5, axis="model"', "hidden.T * 0.5")
    assert [diagnostic.code for diagnostic in check_source("model.py", wrong)] == ["leaked-named-axis"]


def test_generated_model_code_runs(model_code: Callable[[int], str]) -> None:
    scope: dict[str, Any] = {}
    exec(compile(model_code(1), "model.py", "exec"), scope)
    assert isinstance(scope["value_0"], jax.Array)
    assert scope["value_0"].shape == ()
