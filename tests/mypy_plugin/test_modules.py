"""Programs of several files in mypy: functions of other modules are followed, and what is cached does not go stale."""

# ruff: noqa: E501
from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import jax
import pytest
from mypy_programs import Mypy

from named_types.mypy_plugin.dependencies import Dependencies

LAYERS = """
    import jax
    import jax.numpy as jnp

    def project(x: jax.Array) -> jax.Array:
        return x @ jnp.ones((3, 4))
    """
TRAIN = """
    import jax.numpy as jnp
    from layers import project

    reveal_type(project(jnp.ones((2, 3))))
    project(jnp.ones((3, 4)))
    """
FAULT = (
    "train.py:{}: error: cannot compute f32[({}, {})] @ f32[({}, 4)]: "
    "the axes that are summed over have sizes {} and {}  [invalid-operation]"
)
STUB = """
    from named_types import f32
    from typing import TypeAlias, overload

    Named: TypeAlias = f32[(5, 7), {'b': 20}]
    Implicit = f32[(5, 7)]
    def total(x: f32[('n', 3), {'b': 'k'}]) -> f32[('n',), {'b': 'k'}]: ...
    def named(x: Named) -> Implicit: ...
    w: f32[(3, 4), {'h': 2}]
    class Layer:
        w: f32[(3, 4)]
        def __call__(self, x: f32[('n',)], *, k: f32[('n',)] = ...) -> f32[('n', 'n')]: ...
    @overload
    def pick(x: f32[('n',)]) -> int: ...
    @overload
    def pick(x: f32[('n', 'm')]) -> str: ...
    """
USE_OF_STUB = """
    from layers import Implicit, Layer, Named, named, pick, total, w
    from named_types import f32
    def use(x: f32[(2, 3), {'b': 4}], n: Named, i: Implicit, y: f32[(5,)]) -> None:
        reveal_type(total(x))  # R: f32[(2,), {'b': 4}]
        reveal_type(n)  # R: f32[(5, 7), {'b': 20}]
        reveal_type(i)  # R: f32[(5, 7)]
        reveal_type(named(n))  # R: f32[(5, 7)]
        reveal_type(w)  # R: f32[(3, 4), {'h': 2}]
        reveal_type(Layer()(y))  # R: f32[(5, 5)]
        reveal_type(Layer().w)  # R: f32[(3, 4)]
        reveal_type(pick(y))  # R: int
        total(y)  # E: Argument 1 to "total" has incompatible type "f32[(5,)]"; expected "f32[('_', 3), {'b': '_'}]"  [arg-type]
    """


def fault(line: int, x: tuple[int, int], rows: int) -> str:
    return FAULT.format(line, *x, rows, x[1], rows)


@pytest.fixture
def files(mypy: Mypy) -> list[str]:
    return [mypy.write("layers.py", LAYERS), mypy.write("train.py", TRAIN)]


def test_a_fault_in_another_module_is_told_at_the_call(mypy: Mypy, files: list[str]) -> None:
    said = [
        'train.py:4: note: Revealed type is "f32[(2, 4)]"',
        fault(5, (3, 4), 3),
        "train.py:5: note: layers.py:5: arises here",
    ]
    assert mypy.run(*files)[:3] == said
    assert mypy.run("train.py")[:3] == said


def test_a_module_that_imports_no_jax_itself(mypy: Mypy, files: list[str]) -> None:
    mypy.write("data.py", "import jax.numpy as jnp\nX = jnp.ones((3, 4))\n")
    mypy.write("train.py", "from layers import project\nimport data\n\nproject(data.X)\n")
    assert mypy.run(*files)[0] == fault(4, (3, 4), 3)


def test_a_changed_body_is_seen_from_the_cache(mypy: Mypy, files: list[str]) -> None:
    assert fault(5, (3, 4), 3) in mypy.run(*files)
    mypy.write("layers.py", LAYERS.replace("(3, 4)", "(4, 4)"))
    assert mypy.run(*files)[0] == fault(4, (2, 3), 4)
    mypy.write("layers.py", LAYERS)
    assert fault(5, (3, 4), 3) in mypy.run(*files)


def test_a_function_of_a_module_in_the_cache(mypy: Mypy, files: list[str]) -> None:
    before = mypy.run(*files)
    mypy.write("train.py", TRAIN.rstrip() + "  # changed\n")
    assert mypy.run(*files) == before


def test_stubs(mypy: Mypy) -> None:
    mypy.write("layers.py", "")
    mypy.write("layers.pyi", STUB)
    mypy.check(USE_OF_STUB)


class TestFingerprints:
    @pytest.fixture(autouse=True)
    def program(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        Path("pkg").mkdir()
        for name in ("pkg/__init__.py", "pkg/b.py", "pkg/c.py", "d.py", "e.py"):
            Path(name).write_text("import jax\n")

    def changes(self, change: Callable[[], object]) -> bool:
        before = Dependencies().fingerprint("a.py")
        change()
        assert Dependencies().fingerprint("a.py") == Dependencies().fingerprint("a.py")
        return Dependencies().fingerprint("a.py") != before

    @pytest.mark.parametrize(
        ("imports", "reached"),
        [
            ("import d", "d.py"),
            ("import os, d as x", "d.py"),
            ("if x: import d", "d.py"),
            ("import pkg.b", "pkg/b.py"),
            ("import pkg.b", "pkg/__init__.py"),
            ("from pkg import b", "pkg/b.py"),
            ("from pkg import (\n    c,  # comment\n    b,\n)", "pkg/b.py"),
            ("from pkg \\\n    import b", "pkg/b.py"),
            ("from pkg.b import *", "pkg/b.py"),
            ("def f():\n    from .pkg import b", "pkg/b.py"),
            ("from . import d", "d.py"),
        ],
    )
    def test_a_file_that_is_reached(self, imports: str, reached: str) -> None:
        Path("a.py").write_text(f"{imports}\n")
        assert self.changes(lambda: Path(reached).write_text("import jax, os\n"))
        assert not self.changes(lambda: Path("e.py").write_text("import jax, os\n"))

    def test_through_others_and_in_a_circle(self) -> None:
        Path("a.py").write_text("import d\n")
        Path("d.py").write_text("import a, e\n")
        assert self.changes(lambda: Path("e.py").write_text("import jax.numpy\n"))

    @pytest.mark.parametrize("path", ["a.py", "a.pyi", "site-packages/a.py", "nowhere.py"])
    def test_none_without_arrays(self, path: str) -> None:
        Path(path).parent.mkdir(exist_ok=True)
        if path != "nowhere.py":
            Path(path).write_text("import os\n" if path == "a.py" else "import jax\n")
        assert Dependencies().fingerprint(path) is None


def test_aliases_of_other_modules_have_dimension_variables(mypy: Mypy) -> None:
    mypy.write("shapes.py", "from named_types import f32\nSquare = f32[('n', 'n')]\nMatrix = f32[('n', 'm')]\n")
    mypy.write("package.py", "from shapes import Matrix as Matrix, Square\n__all__ = ['Square']\n")
    program = """
        import shapes as sh
        from package import Matrix, Square

        def first(x: Square, y: "sh.Square | None" = None) -> Matrix:
            reveal_type(y)
            return x
        """
    expected = [
        """program.py:5: note: Revealed type is "f32[('n', 'n')] | None\"""",
        "program.py:6: error: Incompatible return value type (got \"f32[('n', 'n')]\", expected \"f32[('n', 'm')]\")"
        "  [return-value]",
    ]
    name = mypy.write("program.py", program)
    assert mypy.run(name) == expected
    mypy.write(name, program + "\n")
    assert mypy.run(name) == expected


class TestStubsThatAreInstalled:
    """``layers-stubs`` beside ``layers`` among the installed packages of the Python that the program is for."""

    @pytest.fixture
    def python(self, tmp_path: Path) -> Path:
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "other")], check=True)
        (installed,) = (tmp_path / "other").glob("lib/python3*/site-packages")
        (installed / "own.pth").write_text(f"{Path(jax.__file__).parent.parent}\n")
        for name in ("layers", "layers-stubs"):
            (installed / name).mkdir()
        (installed / "layers" / "__init__.py").write_text("def total(x): return x.sum()\n")
        (installed / "layers-stubs" / "__init__.pyi").write_text(dedent(STUB))
        return tmp_path / "other" / "bin" / "python"

    def test_have_their_signatures_checked(self, mypy: Mypy, python: Path) -> None:
        program = """
            from layers import Layer, Named, named, total
            from named_types import f32
            def use(x: f32[(2, 3), {'b': 4}], n: Named, y: f32[(5,)]) -> None:
                reveal_type(total(x))
                reveal_type(named(n))
                reveal_type(Layer()(y))
                total(y)
                wrong: f32[(3, 4)] = Layer()(y)
            """
        expected = [
            """program.py:4: note: Revealed type is "f32[(2,), {'b': 4}]\"""",
            'program.py:5: note: Revealed type is "f32[(5, 7)]"',
            'program.py:6: note: Revealed type is "f32[(5, 5)]"',
            'program.py:7: error: Argument 1 to "total" has incompatible type "f32[(5,)]"; '
            "expected \"f32[('_', 3), {'b': '_'}]\"  [arg-type]",
            'program.py:8: error: Incompatible types in assignment (expression has type "f32[(5, 5)]", '
            'variable has type "f32[(3, 4)]")  [assignment]',
        ]
        arguments = ["--python-executable", str(python), mypy.write("program.py", program)]
        assert mypy.run(*arguments) == expected
        assert mypy.run(*arguments) == expected
        mypy.write("program.py", program + "# changed\n")
        assert mypy.run(*arguments) == expected
