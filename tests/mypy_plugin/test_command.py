"""``named-types mypy``: mypy, with the plugin in any configuration or none."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from mypy_programs import Mypy

PROGRAM = """
    from named_types import f32

    def transpose(x: f32[(2, 3)]) -> f32[(3, 2)]:
        return x
    """
SAID = """\
program.py:4: error: Incompatible return value type (got "f32[(2, 3)]", expected "f32[(3, 2)]")  [return-value]
Found 1 error in 1 file (checked 1 source file)
"""
SAID_WITH_COLUMN = SAID.replace(":4:", ":4:12:")

NAMED_TYPES = "from named_types.cli import main; main()"
MYPY = "from mypy.__main__ import console_entry; console_entry()"


def run(program: str, *arguments: str) -> tuple[int, str, str]:
    """The exit status and the output of a command."""
    command = [sys.executable, "-c", program, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture(autouse=True)
def program(mypy: Mypy, monkeypatch: pytest.MonkeyPatch) -> str:
    """A directory with a program, a cache, and no configuration."""
    (mypy.directory / "mypy.ini").unlink()
    (mypy.directory / ".git").mkdir()
    monkeypatch.setenv("MYPY_CACHE_DIR", str(mypy.cache))
    return mypy.write("program.py", PROGRAM)


def test_without_a_configuration(program: str) -> None:
    assert run(NAMED_TYPES, "mypy", program) == (1, SAID, "")


def test_nothing_is_found_in_a_right_program(mypy: Mypy) -> None:
    name = mypy.write("right.py", PROGRAM.replace("return x", "return x.T"))
    assert run(NAMED_TYPES, "mypy", name) == (0, "Success: no issues found in 1 source file\n", "")


@pytest.mark.parametrize(
    ("name", "configuration"),
    [
        ("pyproject.toml", "[tool.mypy]\nshow_column_numbers = true\n"),
        ("mypy.ini", "[mypy]\nshow_column_numbers = true\n"),
        ("setup.cfg", "[mypy]\nshow_column_numbers = true\n"),
        ("mypy.ini", "[mypy]\nshow_column_numbers = true\nplugins = named_types.mypy_plugin\n"),
    ],
)
def test_the_configuration_is_kept(name: str, configuration: str, program: str) -> None:
    Path(name).write_text(configuration)
    assert run(NAMED_TYPES, "mypy", program) == (1, SAID_WITH_COLUMN, "")


@pytest.mark.parametrize("options", [["--config-file", "other.ini"], ["--config-file=other.ini"]])
def test_a_configuration_that_is_named(options: list[str], program: str) -> None:
    Path("mypy.ini").write_text("[mypy]\nhide_error_codes = true\n")
    Path("other.ini").write_text("[mypy]\nshow_column_numbers = true\n")
    assert run(NAMED_TYPES, "mypy", *options, program) == (1, SAID_WITH_COLUMN, "")


def test_no_configuration_is_asked_for(program: str) -> None:
    Path("mypy.ini").write_text("[mypy]\nshow_column_numbers = true\n")
    assert run(NAMED_TYPES, "mypy", "--config-file=", program) == (1, SAID, "")


def test_options_count_more_than_the_configuration(program: str) -> None:
    Path("mypy.ini").write_text("[mypy]\nshow_column_numbers = true\n")
    assert run(NAMED_TYPES, "mypy", "--hide-column-numbers", program) == (1, SAID, "")


def test_other_plugins_are_kept(mypy: Mypy, tmp_path: Path) -> None:
    (tmp_path / "settings").mkdir()
    (tmp_path / "settings" / "mypy.ini").write_text("[mypy]\nplugins = other.py\n")
    mypy.write(
        "settings/other.py",
        """
        from mypy.plugin import FunctionContext, Plugin

        def tell(ctx):
            ctx.api.fail("the other plugin", ctx.context)
            return ctx.default_return_type

        class Other(Plugin):
            def get_function_hook(self, fullname):
                return tell if fullname == "program.transpose" else None

        def plugin(version):
            return Other
        """,
    )
    name = mypy.write("program.py", PROGRAM.replace("return x", "return transpose(x.T)"))
    status, out, err = run(NAMED_TYPES, "mypy", "--config-file=settings/mypy.ini", "--cache-dir=cache", name)
    assert (status, err) == (1, "")
    assert "program.py:4: error: the other plugin  [misc]\n" in out
    assert """error: Argument "x" to "transpose" has incompatible type "f32[(3, 2)]"; expected "f32[(2, 3)]\"""" in out


def test_by_two_workers(program: str) -> None:
    assert run(NAMED_TYPES, "mypy", "--num-workers=2", program) == (1, SAID, "")


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--help"],
        ["-h"],
        ["--version"],
        ["--nonsense"],
        ["missing.py"],
        ["--config-file=missing.ini", "plain.py"],
        ["--", "plain.py"],
        ["-c", "1 + ''"],
        ["--output=json", "plain.py"],
        ["--pretty", "plain.py"],
    ],
)
def test_output_and_status_are_those_of_mypy(arguments: list[str], mypy: Mypy, tmp_path: Path) -> None:
    mypy.write("plain.py", "x: int = ''\n")
    (tmp_path / "mypy.ini").write_text(f"[mypy]\nplugins = named_types.mypy_plugin\nnonsense = {tmp_path}\n")
    by_mypy = run(MYPY, *arguments)
    (tmp_path / "mypy.ini").write_text(f"[mypy]\nnonsense = {tmp_path}\n")
    assert run(NAMED_TYPES, "mypy", *arguments) == (
        by_mypy[0],
        by_mypy[1].replace("usage: -c", "usage: mypy"),
        by_mypy[2],
    )


def test_interruption_is_that_of_mypy(mypy: Mypy) -> None:
    mypy.write("interrupting.py", "raise KeyboardInterrupt\n")
    Path("mypy.ini").write_text("[mypy]\nplugins = interrupting.py\n")
    assert run(NAMED_TYPES, "mypy", "program.py") == run(MYPY, "program.py") == (2, "Interrupted\n", "")


def test_without_mypy(program: str) -> None:
    hide = "import sys; sys.modules['mypy'] = None; "
    status, out, err = run(hide + NAMED_TYPES, "mypy", program)
    assert (status, out, err) == (2, "", "Error: mypy is not installed: pip install 'named-types[mypy]'\n")


def test_another_mypy_is_named_in_one_line(program: str) -> None:
    pretend = "import mypy.version as v; v.__version__ = '3.0.0'; "
    status, out, err = run(pretend + NAMED_TYPES, "mypy", program)
    assert (status, out) == (2, "")
    assert err == "Error: cannot load the mypy plugin: it works with mypy 2.3 and 2.4, this is mypy 3.0.0\n"


@pytest.mark.parametrize(
    ("configuration", "arguments", "cache"),
    [
        ("[mypy]\n", [], ".mypy_cache/named_types"),
        ("[mypy]\ncache_dir = here\n", [], "here/named_types"),
        ("[mypy]\nplugins = named_types.mypy_plugin\n", [], ".mypy_cache"),
        ("[mypy]\n", ["--cache-dir=there"], "there"),
        ("[mypy]\ncache_dir = /dev/null\n", [], None),
    ],
)
def test_mypy_without_the_plugin_keeps_its_cache(
    configuration: str, arguments: list[str], cache: str | None, mypy: Mypy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MYPY_CACHE_DIR")
    Path("mypy.ini").write_text(configuration)
    name = mypy.write("plain.py", "x = 1\n")
    assert run(NAMED_TYPES, "mypy", *arguments, name)[0] == 0
    caches = {str(path.parent.relative_to(mypy.directory)) for path in mypy.directory.rglob("CACHEDIR.TAG")}
    assert caches == ({cache} if cache is not None else set())
