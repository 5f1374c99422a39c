"""The benchmarks run, and measure programs that are what they claim to be. How fast anything is, is not tested."""

from __future__ import annotations

import json
import math
import runpy
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import jax
import pytest

from named_types.analyzer import check_source

ROOT = Path(__file__).parent.parent

PROGRAMS = ["network", "matmul", "transformer", "gradients", "loops"]
NAMES = ["analyzer", "command", "mypy", *PROGRAMS, "faces", "import"]


def benchmarks(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@cache
def quick(name: str) -> list[dict[str, Any]]:
    done = benchmarks("--quick", "--json", name)
    assert done.returncode == 0, done.stderr
    rows: list[dict[str, Any]] = json.loads(done.stdout)
    return rows


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_benchmark_gives_ratios(name: str) -> None:
    rows = quick(name)
    assert rows
    for row in rows:
        if "memory" in row["ours"]:
            assert row["ours"]["memory"] > 0 < row["reference"]["memory"], row
            continue
        for figure in ("ours", "reference", "ratio", "worst"):
            for clock in ("processor", "wall"):
                assert math.isfinite(row[figure][clock]), row
                assert row[figure][clock] > 0, row


@pytest.mark.slow
def test_collectives_are_found_in_compiled_programs() -> None:
    found = {
        (row["what"], row["against"]): [row["ours"]["collectives"], row["reference"]["collectives"]]
        for row in quick("network")
        if "memory" in row["ours"]
    }
    of_logits = {"kind": "all-reduce", "type": "f32[2,3]", "size": 24}
    of_loss = {"kind": "all-reduce", "type": "f32[]", "size": 4}
    assert found["{batch: x, hidden: y} forward, tiny", "shard_map"] == [[of_logits, of_loss]] * 2
    assert found["{} forward, tiny", "jit, by position"] == [[], []]


@pytest.mark.slow
def test_a_table_has_a_row_for_each_comparison() -> None:
    done = benchmarks("--quick", "import")
    assert done.returncode == 0, done.stderr
    title, headings, *rows = done.stdout.rstrip().splitlines()
    assert title == "== Imports in a new Python"
    assert headings.split() == "ours reference ratio worst target more by wall clock against".split()
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


def test_a_generated_package_is_as_long_as_asked() -> None:
    scope = runpy.run_path(str(ROOT / "benchmarks" / "generated_code.py"))
    modules = scope["model_package"](3000)
    assert 2700 < sum(source.count("\n") for source in modules.values()) <= 3300
    assert len(set(modules)) == len({source.partition("normalise_")[2] for source in modules.values()}) > 5


def test_generated_model_code_is_analyzed_to_its_end(model_code: Callable[[int], str]) -> None:
    wrong = model_code(100).replace('hidden.T * 0.5, axis="model"', "hidden.T * 0.5")
    assert [diagnostic.code for diagnostic in check_source("model.py", wrong)] == ["leaked-named-axis"]


def test_generated_model_code_runs(model_code: Callable[[int], str]) -> None:
    scope: dict[str, Any] = {}
    exec(compile(model_code(1), "model.py", "exec"), scope)
    assert isinstance(scope["value_0"], jax.Array)
    assert scope["value_0"].shape == ()
