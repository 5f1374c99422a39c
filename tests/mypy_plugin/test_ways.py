"""Every way to hand programs to mypy, and every form of its output."""

# ruff: noqa: E501
from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from mypy import api
from mypy_programs import Mypy

PROGRAM = """
    import jax.numpy as jnp
    from named_types import f32

    def f(x: f32[(2, 3), {"b": 4}]) -> f32[(3,)]:
        reveal_type(x)
        return x

    f(jnp.ones((2, 3)))
    jnp.dot(jnp.ones(2), jnp.ones(3))
    """
REVEALED = """Revealed type is "f32[(2, 3), {'b': 4}]\""""
RETURN = """Incompatible return value type (got "f32[(2, 3), {'b': 4}]", expected "f32[(3,)]")"""
ARGUMENT = """Argument "x" to "f" has incompatible type "f32[(2, 3)]"; expected "f32[(2, 3), {'b': 4}]\""""
DOT = "cannot compute jax.numpy.dot(f32[(2,)], f32[(3,)]): the axes that are summed over have sizes 2 and 3"
JAX_SAYS = "JAX says: dot_general requires contracting dimensions to have the same shape, got (2,) and (3,)."
SAID = sorted(
    [
        f"program.py:5: note: {REVEALED}",
        f"program.py:6: error: {RETURN}  [return-value]",
        f"program.py:8: error: {ARGUMENT}  [arg-type]",
        f"program.py:9: error: {DOT}  [invalid-operation]",
        f"program.py:9: note: {JAX_SAYS}",
    ]
)


@pytest.fixture
def program(mypy: Mypy) -> str:
    return mypy.write("program.py", PROGRAM)


class TestOutput:
    def test_columns_and_ends(self, mypy: Mypy, program: str) -> None:
        assert sorted(mypy.run("--show-column-numbers", "--show-error-end", program)) == [
            f"program.py:5:17:5:17: note: {REVEALED}",
            f"program.py:6:12:6:12: error: {RETURN}  [return-value]",
            f"program.py:8:3:8:18: error: {ARGUMENT}  [arg-type]",
            f"program.py:9:1:9:33: error: {DOT}  [invalid-operation]",
            f"program.py:9:1:9:33: note: {JAX_SAYS}",
        ]

    def test_json(self, mypy: Mypy, program: str) -> None:
        entries = [json.loads(line) for line in mypy.run("--output=json", program)]
        said = {
            (one["line"], one["column"], one["message"], one["hint"], one["code"], one["severity"]) for one in entries
        }
        assert said == {
            (5, 16, REVEALED, None, "misc", "note"),
            (6, 11, RETURN, None, "return-value", "error"),
            (8, 2, ARGUMENT, None, "arg-type", "error"),
            (9, 0, DOT, JAX_SAYS, "invalid-operation", "error"),
        }

    def test_pretty(self, mypy: Mypy, program: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("MYPY_FORCE_TERMINAL_WIDTH", "200")
        said = mypy.run("--pretty", program)
        at = said.index(f"program.py:6: error: {RETURN}  [return-value]")
        assert said[at + 1 : at + 3] == ["        return x", "               ^"]

    def test_other_words_of_mypy(self, mypy: Mypy) -> None:
        mypy.check(
            """
            from typing import Protocol
            from named_types import f32

            class Base:
                w: f32[(2,)]

                def apply(self, x: f32[(2,)]) -> f32[(3,)]: raise NotImplementedError

            class Derived(Base):
                w: f32[(3,)]  # E: Incompatible types in assignment (expression has type "f32[(3,)]", base class "Base" defined the type as "f32[(2,)]")  [assignment]

                def apply(self, x: f32[(2,)]) -> f32[(4,)]: raise NotImplementedError  # E: Return type "f32[(4,)]" of "apply" incompatible with return type "f32[(3,)]" in supertype "Base"  [override]

            class Applies(Protocol):
                def apply(self, x: f32[(2,)]) -> f32[(3,)]: ...

            good: Applies = Base()
            bad: Applies = Derived()  # E: Incompatible types in assignment (expression has type "Derived", variable has type "Applies")  [assignment] || N: Following member(s) of "Derived" have conflicts: || N:     Expected: || N:         def apply(self, x: f32[(2,)]) -> f32[(3,)] || N:     Got: || N:         def apply(self, x: f32[(2,)]) -> f32[(4,)]
            items: list[f32[(2,)]] = []
            items.append(Base().apply(Base().w))  # E: Argument 1 to "append" of "list" has incompatible type "f32[(3,)]"; expected "f32[(2,)]"  [arg-type]
            number: int = Base().w  # E: Incompatible types in assignment (expression has type "f32[(2,)]", variable has type "int")  [assignment]
            try:
                Base().w.nothing  # E: "f32[(2,)]" has no attribute "nothing"  [attr-defined]
            except AttributeError:
                pass
            """
        )


class TestPrograms:
    def test_of_the_command_line(self, mypy: Mypy) -> None:
        said = mypy.run("-c", "import jax.numpy as jnp\nreveal_type(jnp.ones(3))\njnp.dot(jnp.ones(2), jnp.ones(3))")
        assert said == [
            '<string>:2: note: Revealed type is "f32[(3,)]"',
            f"<string>:3: error: {DOT}  [invalid-operation]",
            f"<string>:3: note: {JAX_SAYS}",
        ]

    @pytest.mark.parametrize("option", ["-m", "-p"])
    def test_by_its_name(self, option: str, mypy: Mypy, program: str) -> None:
        assert sorted(mypy.run(option, "program")) == SAID

    def test_with_another_text(self, mypy: Mypy, program: str) -> None:
        mypy.write("shadow.txt", PROGRAM)
        mypy.write(program, "x = 1\n")
        assert sorted(mypy.run("--shadow-file", program, "shadow.txt", program)) == SAID

    def test_of_stubs_alone(self, mypy: Mypy, monkeypatch: pytest.MonkeyPatch) -> None:
        (mypy.directory / "stubs" / "layers").mkdir(parents=True)
        stub = "import jax\nfrom named_types import f32\n\ndef f(x: f32[('n', 3)]) -> f32[(3, 'n')]: ...\n"
        mypy.write("stubs/layers/__init__.pyi", stub)
        monkeypatch.setenv("MYPYPATH", f"{os.environ.get('MYPYPATH', '')}{os.pathsep}stubs")
        mypy.check(
            """
            import jax.numpy as jnp
            from layers import f

            reveal_type(f(jnp.ones((2, 3))))  # R: f32[(3, 2)]
            f(jnp.ones((2, 4)))  # E: Argument 1 to "f" has incompatible type "f32[(2, 4)]"; expected "f32[(2, 3)]"  [arg-type]
            """
        )


class TestCaches:
    """An option that says how to keep them would have mypy check JAX again: each has a cache of its own."""

    @pytest.mark.slow
    @pytest.mark.parametrize(
        "options",
        [
            ["--no-sqlite-cache"],
            ["--sqlite-cache", "--no-fixed-format-cache"],
            ["--no-sqlite-cache", "--no-fixed-format-cache"],
            ["--no-incremental"],
            ["--cache-fine-grained"],
        ],
    )
    def test_every_format(self, options: list[str], mypy: Mypy, program: str) -> None:
        for _ in ("from source", "from the cache"):
            assert sorted(mypy.run("--cache-dir=cache", *options, program)) == SAID


class TestImports:
    @pytest.mark.slow
    @pytest.mark.parametrize("follow", ["skip", "silent", "error"])
    def test_however_they_are_followed(self, follow: str, mypy: Mypy) -> None:
        mypy.write("layers.py", "from named_types import f32\n\nx: f32[(2,)] = 1\n")
        name = mypy.write("program.py", f"import layers\n{PROGRAM.replace(chr(10) + '    ', chr(10)).lstrip()}")
        options = ["--config-file=mypy.ini", "--cache-dir=cache", "--show-traceback", f"--follow-imports={follow}"]
        output, complaints, _ = api.run([*options, name])
        assert complaints == ""
        assert "INTERNAL" not in output
        assert "layers.py" not in output
        assert f"program.py:10: error: {DOT}  [invalid-operation]" in output

    @pytest.mark.slow
    def test_of_another_python(self, mypy: Mypy, program: str, tmp_path: Path) -> None:
        """Where JAX is not installed, arrays are of unknown type."""
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "other")], check=True)
        python = tmp_path / "other" / "bin" / "python"
        output, complaints, _ = api.run(
            ["--config-file=mypy.ini", "--cache-dir=cache", "--python-executable", str(python), program]
        )
        assert complaints == ""
        assert 'Cannot find implementation or library stub for module named "jax' in output
        assert f"program.py:9: error: {DOT}  [invalid-operation]" in output
