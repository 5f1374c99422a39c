"""What has nothing to do with arrays, mypy checks as it does without the plugin, to the last byte."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from mypy import api
from mypy_programs import STRICT, Mypy

TOOLS = Path(__file__).parent.parent.parent / "tools"
CORPUS = tomllib.loads((TOOLS / "mypy_corpus.toml").read_text())["packages"]
NAMES = [*(one["requirement"].partition("==")[0] for one in CORPUS), "typeshed", "cases"]

WITHOUT_ARRAYS = """
    def untyped(x):
        return x

    def rebound(names: list[str]) -> list[str]:
        first = untyped(names)
        pairs = {1: names}
        pairs = tuple(pairs[1])
        names = tuple(names)
        for name in names:
            reveal_type(name)
        return names

    reveal_type(rebound)
    x = 1
    x = "one"
    rebound(1)
    unknown.name
    """


def said(mypy: Mypy, plugins: str, *files: str) -> tuple[str, str, int]:
    (mypy.directory / "mypy.ini").write_text(f"[mypy]\nplugins = {plugins}\n")
    cache = mypy.directory / f"cache-{plugins}"
    return api.run(
        ["--config-file=mypy.ini", f"--cache-dir={cache}", "--strict", "--pretty", "--show-error-end", *files]
    )


@pytest.mark.parametrize("package", ["click", "pluggy"])
def test_an_installed_package(package: str, mypy: Mypy) -> None:
    found = importlib.util.find_spec(package)
    assert found is not None
    assert found.origin is not None
    shutil.copytree(Path(found.origin).parent, mypy.directory / package)
    without = said(mypy, "", package)
    assert "source files" in without[0]
    assert said(mypy, "named_types.mypy_plugin", package) == without


def test_a_module_beside_one_with_arrays(mypy: Mypy) -> None:
    plain = mypy.write("plain.py", STRICT + WITHOUT_ARRAYS)
    with_plugin = mypy.run(plain, mypy.write("arrays.py", "import jax.numpy as jnp, plain\n"))
    (mypy.directory / "mypy.ini").write_text("[mypy]\n")
    without = mypy.run("--cache-dir=cache", plain)
    assert with_plugin == without
    assert sum(": error: " in line for line in without) == 5


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_large_packages_the_stubs_and_the_cases_of_mypy(name: str) -> None:
    command = [sys.executable, str(TOOLS / "compare_mypy.py"), name]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
