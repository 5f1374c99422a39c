"""The package holds what the folders hold, and works where there is no checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
import venv
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parent.parent
SETUPTOOLS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
FOLDERS = {"named_types": "named_types", **SETUPTOOLS["package-dir"]}


def packaged_files(suffix: str) -> set[str]:
    """The files with ``suffix`` by the paths they have once installed."""
    return {
        f"{package.replace('.', '/')}/{path.relative_to(ROOT / folder).as_posix()}"
        for package, folder in FOLDERS.items()
        for path in (ROOT / folder).rglob(f"*{suffix}")
    }


def test_every_package_is_listed() -> None:
    packages = {Path(name).parent.as_posix().replace("/", ".") for name in packaged_files("__init__.py")}
    assert SETUPTOOLS["packages"] == sorted(packages)


def test_every_folder_with_modules_is_a_package() -> None:
    folders = {Path(name).parent for name in packaged_files(".py")}
    assert folders == {Path(name).parent for name in packaged_files("__init__.py")}


@pytest.fixture(scope="session")
def wheel(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    built = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(built), str(checkout)]
    run = subprocess.run(build, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    (path,) = built.iterdir()
    return path


def test_the_wheel_holds_every_module(wheel: Path) -> None:
    names = {name for name in ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert names == packaged_files(".py") | packaged_files("py.typed")


def test_the_wheel_says_that_it_is_typed(wheel: Path) -> None:
    assert {f"{package.replace('.', '/')}/py.typed" for package in FOLDERS} <= set(ZipFile(wheel).namelist())


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scripts of an environment that has the wheel and what it asks for, with nothing of this checkout."""
    home = tmp_path_factory.mktemp("environment")
    venv.create(home, with_pip=True)
    scripts = home / ("Scripts" if os.name == "nt" else "bin")
    install: list[str | Path] = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--constraint",
        ROOT / "constraints.txt",
        f"{wheel}[mypy]",
    ]
    subprocess.run([scripts / "python", *install], check=True, cwd=home)
    return scripts


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "MYPY"))}
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True)


PROGRAM = """\
from named_types import f32
from named_types.notation import ArrayNotation
from named_types.runtime import xmap

notation: ArrayNotation = f32
reveal_type(notation.element_type.name)


def scale(x: f32[(5,), {"batch": 20}]) -> f32[(5,), {"batch": SIZE}]:
    return 2 * x
"""


@pytest.mark.slow
class TestInstalled:
    def test_the_command_is_there(self, installed: Path, tmp_path: Path) -> None:
        assert run(installed / "named-types", "--version", cwd=tmp_path).stdout == "named-types 0.1.0\n"

    def test_every_module_can_be_imported(self, installed: Path, tmp_path: Path) -> None:
        names = sorted(name.removesuffix(".py").removesuffix("/__init__") for name in packaged_files(".py"))
        imports = "\n".join(f"import {name.replace('/', '.')}" for name in names if not name.endswith("__main__"))
        imported = run(installed / "python", "-c", imports, cwd=tmp_path)
        assert (imported.returncode, imported.stderr) == (0, "")

    def test_a_right_program_is_right(self, installed: Path, tmp_path: Path) -> None:
        (tmp_path / "good.py").write_text(PROGRAM.replace("SIZE", "20"))
        checked = run(installed / "named-types", "check", "--ignore", "revealed-type", "good.py", cwd=tmp_path)
        assert (checked.returncode, checked.stdout) == (0, "")

    def test_a_wrong_program_is_wrong(self, installed: Path, tmp_path: Path) -> None:
        (tmp_path / "bad.py").write_text(PROGRAM.replace("SIZE", "21"))
        checked = run(installed / "named-types", "check", "--output-format", "concise", "bad.py", cwd=tmp_path)
        assert checked.returncode == 1
        assert "bad.py:10:12: error[incompatible-return]" in checked.stdout

    def test_mypy_finds_the_types(self, installed: Path, tmp_path: Path) -> None:
        (tmp_path / "good.py").write_text(PROGRAM.replace("SIZE", "20"))
        (tmp_path / "mypy.ini").write_text("[mypy]\nplugins = named_types.mypy_plugin\n")
        checked = run(installed / "python", "-m", "mypy", "good.py", cwd=tmp_path)
        assert checked.stdout.splitlines() == [
            'good.py:6: note: Revealed type is "str"',
            "Success: no issues found in 1 source file",
        ]
