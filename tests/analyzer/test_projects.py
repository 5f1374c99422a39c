"""Programs of several files: what is imported is followed, wherever it stands, and nothing of it is run."""

from __future__ import annotations

import os
import sys
from itertools import permutations
from pathlib import Path
from textwrap import dedent
from typing import ClassVar

import pytest
from literate.analyzer_judge import finding_of
from literate.programs import Program

from named_types.checking import check_files
from named_types.diagnostics import Diagnostic
from named_types.discovery import discover

MODEL = """\
import jax.numpy as jnp

SIZE = 7
W = jnp.ones((3, 4))

def layer(x):
    return x @ W
"""

Files = dict[str, str]


@pytest.fixture(autouse=True)
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(files: Files) -> None:
    for name, text in files.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(dedent(text).strip() + "\n", encoding="utf-8")


def found(*paths: str) -> dict[str, list[Diagnostic]]:
    """What is found in the files that these paths stand for."""
    given = [Path(path) for path in paths or (".",)]
    checked = check_files(discover(given).files, [path for path in given if path.is_dir()])
    return {file.path: list(file.diagnostics) for file in checked}


def check(files: Files, *paths: str) -> None:
    """Write a program and hold what is found in its checked files against their comments."""
    write(files)
    for path, diagnostics in found(*paths).items():
        expected = Program("analyzer", "", 1, Path(path).read_text(encoding="utf-8")).expected
        assert {finding_of(one) for one in diagnostics} == expected, path


def all_found(*paths: str) -> list[Diagnostic]:
    return [one for diagnostics in found(*paths).values() for one in diagnostics]


def places(diagnostics: list[Diagnostic]) -> list[str]:
    return [f"{one.place.path}:{one.place.line} {one.code}" for one in diagnostics]


class TestFinding:
    @pytest.mark.parametrize(
        ("statement", "layer"),
        [
            ("import model", "model.layer"),
            ("import model as m", "m.layer"),
            ("from model import layer", "layer"),
            ("from model import layer as f, W", "f"),
            ("from model import *", "layer"),
            ("from . import model", "model.layer"),
            ("from .model import layer", "layer"),
            ("from .model import *", "layer"),
        ],
    )
    def test_beside_the_file(self, statement: str, layer: str) -> None:
        main = f"{statement}\nimport jax.numpy as jnp\nreveal_type({layer}(jnp.ones((2, 3))))  # revealed: f32[(2, 4)]"
        check({"model.py": MODEL, "main.py": main})

    @pytest.mark.parametrize(
        ("statement", "layer"),
        [
            ("import pkg.model", "pkg.model.layer"),
            ("import pkg.model as m", "m.layer"),
            ("import pkg", "pkg.model.layer"),
            ("import pkg", "pkg.again"),
            ("from pkg import model", "model.layer"),
            ("from pkg import model as m", "m.layer"),
            ("from pkg import again", "again"),
            ("from pkg import *", "again"),
            ("from pkg.model import layer", "layer"),
            ("import pkg.sub.deep", "pkg.sub.deep.layer"),
            ("from pkg.sub import deep", "deep.layer"),
            ("from pkg.sub.deep import layer", "layer"),
            ("from pkg.sub.deep import two_up", "two_up.layer"),
        ],
    )
    def test_in_packages(self, statement: str, layer: str) -> None:
        main = f"{statement}\nimport jax.numpy as jnp\nreveal_type({layer}(jnp.ones((2, 3))))  # revealed: f32[(2, 4)]"
        check(
            {
                "pkg/__init__.py": "from .model import layer as again",
                "pkg/model.py": MODEL,
                "pkg/sub/__init__.py": "",
                "pkg/sub/deep.py": "from ..model import layer\nfrom .. import model as two_up",
                "main.py": main,
            }
        )

    def test_a_name_of_a_package_comes_before_its_module(self) -> None:
        check(
            {
                "pkg/__init__.py": "from .size import size",
                "pkg/size.py": "size = 5",
                "main.py": """
                    import jax.numpy as jnp
                    from pkg import size
                    reveal_type(jnp.ones(size))  # revealed: f32[(5,)]
                """,
            }
        )

    def test_packages_without_init(self) -> None:
        check(
            {
                "space/models/mlp.py": MODEL,
                "space/train/main.py": """
                    import jax.numpy as jnp
                    from space.models.mlp import layer
                    from ..models import mlp
                    reveal_type(layer(jnp.ones((2, 3))))  # revealed: f32[(2, 4)]
                    reveal_type(mlp.W)  # revealed: f32[(3, 4)]
                """,
            },
        )

    def test_packages_without_init_from_elsewhere(self, monkeypatch: pytest.MonkeyPatch) -> None:
        write({"elsewhere/a.py": ""})
        monkeypatch.chdir("elsewhere")
        check(
            {
                "../space/models/mlp.py": MODEL,
                "../space/train/main.py": """
                    from space.models.mlp import W
                    reveal_type(W)  # revealed: f32[(3, 4)]
                """,
            },
            "../space/train/main.py",
        )

    def test_a_copy_of_a_package_without_init_beside_the_original(self) -> None:
        main = """
            from space.models.mlp import W
            reveal_type(W)  # revealed: {}
        """
        check(
            {
                "space/models/mlp.py": MODEL,
                "space/train.py": main.format("f32[(3, 4)]"),
                "copy/space/models/mlp.py": MODEL.replace("(3, 4)", "(5, 6)"),
                "copy/space/train.py": main.format("f32[(5, 6)]"),
            }
        )

    @pytest.mark.parametrize("paths", [[], ["src", "tests"], ["tests/test_model.py"]])
    def test_src_layout(self, paths: list[str]) -> None:
        check(
            {
                "src/pkg/__init__.py": "",
                "src/pkg/model.py": MODEL,
                "tests/test_model.py": """
                    import pkg.model
                    reveal_type(pkg.model.W)  # revealed: f32[(3, 4)]
                """,
            },
            *paths,
        )

    def test_the_nearest_of_several(self) -> None:
        main = "from size import W\nreveal_type(W)  # revealed: f32[({},)]\n"
        sizes = {f"{name}/size.py": f"import jax.numpy as jnp\nW = jnp.ones({n})" for n, name in enumerate("abc", 1)}
        check({**sizes, **{f"{name}/main.py": main.format(n) for n, name in enumerate("abc", 1)}})

    def test_a_package_comes_before_a_module_and_both_before_a_directory(self) -> None:
        check(
            {
                "one.py": "N = 1",
                "one/__init__.py": "N = 2",
                "two.py": "N = 3",
                "two/readme.txt": "no package",
                "main.py": """
                    import jax.numpy as jnp
                    import one, two
                    reveal_type(jnp.ones((one.N, two.N)))  # revealed: f32[(2, 3)]
                """,
            }
        )

    @pytest.mark.parametrize("name", ["typing", "math", "functools"])
    def test_modules_of_a_package_do_not_hide_those_of_python(self, name: str) -> None:
        check(
            {
                "pkg/__init__.py": "",
                f"pkg/{name}.py": "pi = Callable = partial = 'not this one'",
                "pkg/main.py": """
                    import jax.numpy as jnp
                    from functools import partial
                    from math import pi
                    from typing import Callable
                    reveal_type(partial(jnp.sum, axis=0)(jnp.ones((2, 3)) * pi))  # revealed: f32[(3,)]
                """,
            },
            "pkg",
        )

    def test_a_directory_named_after_a_library_does_not_hide_it(self) -> None:
        check(
            {
                "jax/train.py": "import jax.numpy as jnp\nreveal_type(jnp.ones(3))  # revealed: f32[(3,)]",
                "numpy/readme.txt": "",
                "main.py": "import numpy as np\nreveal_type(np.ones(3))  # revealed: f64[(3,)]",
            }
        )

    @pytest.mark.parametrize(("part", "module"), [("jax/_src/core.py", "jax.numpy"), ("numpy/_core/umath.py", "numpy")])
    def test_a_checkout_of_a_library_is_the_library(self, part: str, module: str) -> None:
        check(
            {
                part: "",
                f"{part.partition('/')[0]}/__init__.py": "numpy = ones = None",
                "examples/main.py": f"""
                    import {module} as library
                    reveal_type(library.ones(3, dtype="float32"))  # revealed: f32[(3,)]
                """,
            }
        )

    def test_a_module_of_the_program_hides_a_library(self) -> None:
        check(
            {
                "jax.py": "numpy = None",
                "main.py": "import jax.numpy as jnp\nreveal_type(jnp.ones(3))  # revealed: unknown",
            }
        )

    @pytest.mark.parametrize("first", [1, 5])
    def test_listed_names_of_a_star(self, first: int) -> None:
        check(
            {
                "sizes.py": "__all__ = ['A', '_B', 'later']\nA = 2\n_B = 3\nC = 4",
                "public.py": "A = 2\n_B = 3",
                "main.py": f"""
                    import jax.numpy as jnp
                    A = _B = C = {first}
                    from sizes import *
                    reveal_type(jnp.ones((A, _B, C)))  # revealed: f32[(2, 3, {first})]
                    A = _B = {first}
                    from public import *
                    reveal_type(jnp.ones((A, _B)))  # revealed: f32[(2, {first})]
                """,
            }
        )


class TestValues:
    def test_of_every_kind(self) -> None:
        check(
            {
                "shared.py": """
                    import jax, numpy as np
                    import jax.numpy as jnp
                    from named_types import f32
                    from named_types.runtime import Mesh
                    SIZE, DTYPE = 5, jnp.bfloat16
                    CONFIG = {"dim": 8, "layers": [1, 2]}
                    Matrix = f32[(2, 3)]
                    IN_AXES = ["batch", ...]
                    MESH = Mesh(np.array(jax.devices()).reshape(4, 2), ("x", "y"))
                """,
                "main.py": """
                    import jax.numpy as jnp
                    import shared
                    from named_types.runtime import xmap
                    from shared import CONFIG, DTYPE, IN_AXES, MESH, SIZE, Matrix
                    reveal_type(jnp.ones((SIZE, CONFIG["dim"]), DTYPE))  # revealed: bf16[(5, 8)]
                    reveal_type(jnp.ones(len(shared.CONFIG["layers"])))  # revealed: f32[(2,)]
                    x: Matrix = jnp.ones((3, 2))  # error: [incompatible-assignment]
                    def f(x: shared.Matrix): return x.T
                    reveal_type(f(jnp.ones((2, 3))))  # revealed: f32[(3, 2)]
                    g = xmap(lambda x: x, IN_AXES, IN_AXES, axis_resources={"batch": "x"})
                    with MESH:
                        g(jnp.ones((4, 3)))
                        g(jnp.ones((3, 3)))  # error: [indivisible-axis]
                """,
            }
        )

    def test_annotated_functions_are_lifted(self) -> None:
        check(
            {
                "model.py": """
                    from named_types import f32
                    def dense(x: f32[(3,)], w: f32[(3, "m")]) -> f32[("m",)]:
                        return x @ w
                """,
                "main.py": """
                    import jax.numpy as jnp
                    from model import dense
                    from named_types.runtime import xmap
                    dense(jnp.ones(4), jnp.ones((3, 2)))  # error: [incompatible-argument]
                    def f(x, w):
                        reveal_type(dense(x, w))  # revealed: f32[(2,), {'batch': 5}]
                        return dense(x, w)
                    xmap(f, (["batch", ...], [...]), ["batch", ...])(jnp.ones((5, 3)), jnp.ones((3, 2)))
                """,
            }
        )

    def test_higher_order_functions_both_ways(self) -> None:
        check(
            {
                "loops.py": """
                    from jax import lax
                    def fold(step, x, n):
                        for _ in range(n):
                            x = step(x)
                        return x
                    def body(carry, row):
                        return carry + row, row.sum()
                """,
                "main.py": """
                    import jax, jax.numpy as jnp
                    import loops
                    from functools import partial
                    def widen(x):
                        return jnp.concatenate([x, x]) + jnp.ones(4)  # error: [invalid-operation]
                    loops.fold(widen, jnp.ones(2), 2)
                    reveal_type(loops.fold(partial(jnp.stack, axis=0), jnp.ones((2, 3)), 1))  # revealed: f32[(2, 3)]
                    reveal_type(jax.lax.scan(loops.body, jnp.ones(3), jnp.ones((5, 3)))[1])  # revealed: f32[(5,)]
                    reveal_type(jax.vmap(loops.body)(jnp.ones((7, 3)), jnp.ones((7, 3)))[1])  # revealed: f32[(7,)]
                """,
            }
        )

    def test_under_type_checking(self) -> None:
        check(
            {
                "types.py": "",
                "shapes.py": "from named_types import f32\nMatrix = f32[(2, 3)]",
                "main.py": """
                    from __future__ import annotations
                    import typing
                    from typing import TYPE_CHECKING
                    import jax.numpy as jnp
                    if TYPE_CHECKING:
                        from shapes import Matrix
                    if typing.TYPE_CHECKING:
                        from shapes import Matrix as Again
                    x: Matrix = jnp.ones((3, 2))  # error: [incompatible-assignment]
                    y: "Again" = jnp.ones((3, 2))  # error: [incompatible-assignment]
                """,
            }
        )

    def test_an_import_that_may_fail(self) -> None:
        check(
            {
                "fast.py": "SIZE = 2",
                "main.py": """
                    import jax.numpy as jnp
                    try:
                        import fast
                    except ImportError:
                        fast = None
                    try:
                        from fast import SIZE
                    except ImportError:
                        SIZE = 3
                    if fast is not None:
                        reveal_type(jnp.ones(fast.SIZE))  # revealed: unknown
                    reveal_type(jnp.ones(SIZE))  # revealed: unknown
                """,
            }
        )

    def test_imports_inside_functions(self) -> None:
        check(
            {
                "model.py": MODEL,
                "main.py": """
                    import jax.numpy as jnp
                    def f(x):
                        from model import layer
                        return layer(x)
                    reveal_type(f(jnp.ones((2, 3))))  # revealed: f32[(2, 4)]
                """,
            }
        )

    def test_64_bit_types_are_kept_where_the_program_says_so(self) -> None:
        check(
            {
                "before.py": "import jax.numpy as jnp\nX = jnp.ones(2)\ndef ones():\n    return jnp.ones(2)",
                "config.py": "import jax\njax.config.update('jax_enable_x64', True)",
                "main.py": """
                    import before
                    import config
                    import after
                    reveal_type(before.X)  # revealed: f32[(2,)]
                    reveal_type(before.ones())  # revealed: f64[(2,)]
                    reveal_type(after.X)  # revealed: f64[(2,)]
                """,
                "after.py": "import jax.numpy as jnp\nX = jnp.ones(2)\nreveal_type(X)  # revealed: f32[(2,)]",
            }
        )

    @pytest.mark.parametrize(
        ("first", "second"),
        [
            ("import app.setup", "from . import config"),
            ("from app import setup", "from app import config"),
            ("from app import (\n    other,\n    setup,\n)", "import app.config as c"),
            ("import app.other, app.setup as s", "if True:\n    from .config import ANYTHING"),
            ("from app.deep import ANYTHING", "from app.config import *"),
        ],
    )
    def test_settings_of_a_module_that_an_imported_one_imports(self, first: str, second: str) -> None:
        check(
            {
                "app/__init__.py": "",
                "app/other.py": "",
                "app/deep/__init__.py": "from ..setup import ANYTHING\nfrom .. import deep",
                "app/setup.py": f"from .deep import nothing\n{second}\nANYTHING = 1",
                "app/config.py": "import jax\njax.config.update('jax_enable_x64', True)\nANYTHING = 1",
                "main.py": f"{first}\nimport jax.numpy as jnp\nreveal_type(jnp.ones(2))  # revealed: f64[(2,)]",
                "apart.py": "import app.other, jax.numpy\nreveal_type(jax.numpy.ones(2))  # revealed: f32[(2,)]",
            }
        )


class TestSilence:
    @pytest.mark.parametrize(
        "statement",
        [
            "from nowhere import layer",
            "from model.nowhere import layer",
            "from model import nowhere as layer",
            "from . import nowhere as layer",
            "from .nowhere import layer",
            "from ....... import layer",
            "from ....................... import layer",
            "from broken import layer",
            "from binary import layer",
            "from latin import layer",
            "from directory import layer",
            "from link import layer",
            "from stub import layer",
        ],
    )
    def test_what_is_not_found_is_unknown(self, statement: str) -> None:
        write({"model.py": MODEL, "broken.py": "def (", "directory.py/a.py": "", "stub.pyi": "def layer(x): ..."})
        Path("binary.py").write_bytes(b"layer = '\0'")
        Path("latin.py").write_bytes(b"layer = '\xff'")
        Path("link.py").symlink_to("link.py")
        check({"main.py": f"{statement}\nreveal_type(layer(1, 2))  # revealed: unknown"}, "main.py")

    def test_a_syntax_error_is_told_once_in_its_own_file(self) -> None:
        write({"broken.py": "def (", "a.py": "import broken\nbroken.f(1)", "b.py": "from broken import f\nf(1)"})
        assert places(all_found()) == ["broken.py:1 syntax-error"]

    def test_modules_that_import_each_other(self) -> None:
        check(
            {
                "a.py": """
                    import jax.numpy as jnp
                    from b import g, later, EARLY
                    import b
                    SIZE = 2
                    def f(x):
                        return g(x)
                    reveal_type(f(jnp.ones((3, 2))))  # revealed: f32[(2, 3)]
                    reveal_type(later(1))  # revealed: unknown
                    reveal_type(EARLY)  # revealed: unknown
                """,
                "b.py": """
                    import a
                    from a import f, SIZE, EARLY
                    def g(x):
                        return x.T + a.jnp.ones((SIZE, 1))
                    def later(x):
                        return f(x)
                """,
            }
        )

    def test_names_that_lead_in_a_circle(self) -> None:
        check(
            {
                "a.py": "from b import x\nimport a\nfrom a import *\nreveal_type(x)  # revealed: unknown",
                "b.py": "from a import x\nfrom b import y\nreveal_type(y)  # revealed: unknown",
            }
        )

    def test_what_functions_change_is_unknown_elsewhere(self) -> None:
        check(
            {
                "state.py": """
                    SIZE, REGISTRY, CONFIG = 2, {}, {"dim": 3}
                    OTHER = 4
                    def setup(n):
                        global SIZE
                        SIZE = n
                """,
                "main.py": """
                    import jax.numpy as jnp
                    import state
                    from state import CONFIG, REGISTRY, SIZE
                    state.OTHER = 5
                    reveal_type(jnp.ones(SIZE))  # revealed: unknown
                    reveal_type(jnp.ones(len(REGISTRY)))  # revealed: unknown
                    reveal_type(jnp.ones(state.OTHER))  # revealed: unknown
                    reveal_type(jnp.ones(CONFIG["dim"]))  # revealed: f32[(3,)]
                    CONFIG["dim"] = 7
                    reveal_type(jnp.ones(state.CONFIG["dim"]))  # revealed: f32[(7,)]
                """,
                "other.py": """
                    import jax.numpy as jnp
                    import state
                    reveal_type(jnp.ones(state.CONFIG["dim"]))  # revealed: f32[(3,)]
                    reveal_type(jnp.ones(state.OTHER))  # revealed: f32[(4,)]
                """,
            }
        )

    def test_what_runs_as_a_script_only_is_not_imported(self) -> None:
        check(
            {
                "model.py": "SIZE = 2\nif __name__ == '__main__':\n    SIZE = 3",
                "main.py": """
                    import jax.numpy as jnp
                    from model import SIZE
                    reveal_type(jnp.ones(SIZE))  # revealed: f32[(2,)]
                """,
            }
        )

    def test_nothing_is_executed(self) -> None:
        write({"harm.py": "open('harm.txt', 'w')", "main.py": "import harm\nfrom harm import x\nprint(x, harm.open)"})
        assert found("main.py") == {"main.py": []}
        assert not Path("harm.txt").exists()
        assert "harm" not in sys.modules

    def test_a_long_module_costs_its_importer_nothing(self) -> None:
        long = "import jax.numpy as jnp\nx = jnp.ones(3)\n" + "\n".join(
            f"def f{n}(x):\n    y = [i for i in range(60)]\n    return f{n - 1}(x)[0:3]" if n else "def f0(x): return x"
            for n in range(1700)
        )
        check(
            {
                "long.py": f"{long}\nfor i in range(1000):\n    for j in range(1000):\n        x = f1699(x)\n",
                "main.py": """
                    import jax.numpy as jnp
                    from long import *
                    f1(jnp.ones(4))
                    f1699(jnp.ones(4))
                    x = jnp.ones((2, 3)) + jnp.ones((3, 2))  # error: [invalid-operation]
                """,
            },
            "main.py",
        )

    def test_a_long_chain_of_imports(self) -> None:
        chain = {f"m{n}.py": f"from m{n + 1} import X as Y\nX = Y\n" for n in range(30)}
        check(
            {
                **chain,
                "m30.py": "import jax.numpy as jnp\nX = jnp.ones(3)",
                "main.py": "import m0\nreveal_type(m0.X)  # revealed: f32[(3,)]",
            },
            "main.py",
        )


class TestWhereFaultsAreTold:
    FILES: ClassVar[Files] = {
        "model.py": MODEL,
        "main.py": "import jax.numpy as jnp\nfrom model import layer\n\nlayer(jnp.ones((3, 4)))\n",
        "also.py": "import jax.numpy as jnp\nimport model\nx = model.layer(jnp.ones((3, 4)))\n",
    }

    @pytest.mark.parametrize("order", [[], ["main.py", "model.py", "also.py"], ["model.py", "main.py", "also.py"]])
    def test_at_the_line_itself_where_its_file_is_checked(self, order: list[str]) -> None:
        write(self.FILES)
        (fault,) = all_found(*order)
        assert places([fault]) == ["model.py:7 invalid-operation"]
        assert [(str(one.place), one.message) for one in fault.related] == [("also.py:3:5", "called from here")]

    def test_at_the_call_where_it_is_not(self) -> None:
        write(self.FILES)
        (fault,) = found("main.py")["main.py"]
        assert (str(fault.place), fault.place.end_column, fault.label) == ("main.py:4:1", 24, None)
        assert [(str(one.place), one.message) for one in fault.related] == [("model.py:7:12", "arises here")]

    def test_what_a_file_finds_in_itself_comes_first(self) -> None:
        check(
            {
                "model.py": """
                    import jax.numpy as jnp
                    from named_types import f32
                    def f(x: f32[(2,)]) -> f32[(3,)]:
                        return x + jnp.ones(3)  # error: [invalid-operation] "f32[(2,)]"
                """,
                "main.py": """
                    import jax.numpy as jnp
                    from model import f
                    f(jnp.ones(4))  # error: [incompatible-argument]
                """,
            }
        )

    @pytest.mark.parametrize("paths", [["main.py"], ["main.py", "model.py"], ["model.py", "main.py"]])
    def test_silenced_where_it_is_told(self, paths: list[str]) -> None:
        write(self.FILES)
        write({"main.py": self.FILES["main.py"].replace("4)))", "4)))  # named-types: ignore[invalid-operation]")})
        assert len(all_found(*paths)) == (0 if len(paths) == 1 else 1)

    @pytest.mark.parametrize("paths", [["main.py"], ["main.py", "model.py"], ["model.py", "main.py"]])
    def test_silenced_where_it_is(self, paths: list[str]) -> None:
        write({**self.FILES, "model.py": MODEL.replace("x @ W", "x @ W  # named-types: ignore")})
        assert all_found(*paths) == []

    def test_what_a_module_says_wrong_is_told_where_it_is_checked_alone(self) -> None:
        files = {
            "model.py": "from named_types import f32\ndef f(x: f32['a b']): return x  # error: [invalid-annotation]",
            "main.py": "from model import f\nimport jax.numpy as jnp\nf(jnp.ones(3))",
        }
        check(files)
        check(files, "main.py")

    def test_what_a_module_itself_runs_is_told_where_it_is_checked_alone(self) -> None:
        check(
            {"model.py": "import jax.numpy as jnp\nx = jnp.ones(2) + jnp.ones(3)", "main.py": "import model\nmodel.x"},
            "main.py",
        )

    def test_deep_inside_the_call(self) -> None:
        check(
            {
                "a.py": "import jax.numpy as jnp\nimport b\nb.f(jnp.ones((2, 3)))",
                "b.py": "import c\ndef f(x): return c.g(x.T)",
                "c.py": "def g(x):\n    return x @ x  # error: [invalid-operation]",
            }
        )

    def test_a_conflict_three_calls_down(self) -> None:
        write(
            {
                "net/__init__.py": "",
                "net/top.py": "from .mid import combine\n\ndef loss(x, y):\n    return combine(x, y)",
                "net/mid.py": "from net import low\n\ndef combine(x, y):\n    return low.add(x, y)",
                "net/low.py": "def add(x, y):\n    return x + y",
                "specs.py": "IN_AXES = (['a', ...], ['b', ...])\nRESOURCES = {'a': 'x', 'b': 'x'}",
                "train.py": """
                    import jax.numpy as jnp
                    from named_types.runtime import xmap
                    from net.top import loss
                    import specs

                    def step(x, y):
                        return loss(x, y).sum()

                    mapped = xmap(step, specs.IN_AXES, [...], axis_resources=specs.RESOURCES)
                    mapped(jnp.ones(4), jnp.ones(12))
                """,
            }
        )
        conflict = next(one for one in found("train.py")["train.py"] if one.code == "resource-conflict")
        assert str(conflict.place) == "train.py:7:12"
        assert [f"{one.place}: {one.message}" for one in conflict.related] == [
            "net/low.py:2:12: arises here: f32[(), {'a': 4, 'b': 12}]",
            "train.py:9:21: 'a': 4 enters here with x",
            "train.py:9:58: 'a' is mapped to 'x' here",
            "train.py:9:21: 'b': 12 enters here with y",
            "train.py:9:58: 'b' is mapped to 'x' here",
        ]
        (conflict,) = (one for one in found()["net/low.py"] if one.code == "resource-conflict")
        assert (str(conflict.place), conflict.label) == ("net/low.py:2:12", "f32[(), {'a': 4, 'b': 12}]")
        assert [f"{one.place}: {one.message}" for one in conflict.related][-1] == "train.py:7:12: called from here"

    def test_an_xmap_made_in_another_module(self) -> None:
        write(
            {
                "maps.py": """
                    from named_types.runtime import xmap

                    def mapped(f):
                        return xmap(f, in_axes=["i", ...], out_axes=[...])
                """,
                "main.py": """
                    import jax.numpy as jnp
                    from maps import mapped
                    mapped(lambda x: x)(jnp.ones((2, 3)))
                """,
            }
        )
        (fault,) = found("main.py")["main.py"]
        assert (fault.code, fault.place.path, fault.place.line) == ("leaked-named-axis", "main.py", 3)
        (fault,) = found()["maps.py"]
        assert (fault.code, str(fault.place)) == ("leaked-named-axis", "maps.py:4:49")


class TestResourcesInScope:
    HELPER = """\
import jax.numpy as jnp
from named_types.runtime import xmap

def run(x):
    return xmap(jnp.sin, ["i", ...], ["i", ...], axis_resources={"i": "x"})(x)  # error: [CODE]
"""

    def helper(self, code: str) -> str:
        return self.HELPER.replace("CODE", code)

    def main(self, resource: str, size: int) -> str:
        return dedent(f"""
            import jax, numpy as np, jax.numpy as jnp
            from helper import run
            from named_types.runtime import mesh
            def train(x):
                return run(x)
            with mesh(np.array(jax.devices()).reshape(4), ("{resource}",)):
                train(jnp.ones({size}))
        """)

    def test_are_those_of_the_caller(self) -> None:
        check({"helper.py": self.helper(""), "main.py": self.main("x", 8)})
        check({"helper.py": self.helper("indivisible-axis"), "main.py": self.main("x", 6)})
        check({"helper.py": self.helper("unknown-resource"), "main.py": self.main("y", 8)})

    def test_are_those_that_an_imported_module_sets(self) -> None:
        check(
            {
                "helper.py": self.helper("indivisible-axis"),
                "setup.py": """
                    import jax, os
                    os.environ["XLA_FLAGS"] = "--xla_force_host_platform_device_count=8"
                    jax.set_mesh(jax.make_mesh((jax.device_count() // 2,), ("x",)))
                """,
                "main.py": """
                    import jax.numpy as jnp
                    import setup
                    from helper import run
                    run(jnp.ones(8))
                    run(jnp.ones(6))
                """,
                "app.py": "import setup",
                "also.py": """
                    import app
                    import jax.numpy as jnp
                    from helper import run
                    run(jnp.ones(8))
                    run(jnp.ones(7))
                """,
            }
        )

    def test_are_not_guessed(self) -> None:
        check({"helper.py": self.helper("")})
        check({"main.py": "import jax.numpy as jnp\nfrom helper import run\ndef train():\n    return run(jnp.ones(3))"})


@pytest.mark.parametrize("link", ["loop", "package"])
def test_links(link: str) -> None:
    """A directory that contains itself, and a file that is checked by two names."""
    reveal = "import W\nreveal_type(W)  # revealed: f32[(3, 4)]"
    write({"pkg/__init__.py": "", "pkg/model.py": MODEL, "main.py": f"from again {reveal}"})
    os.symlink(".", "pkg/loop")
    os.symlink("pkg/model.py", "again.py")
    if link == "loop":
        write({"main.py": f"from pkg.loop.loop.model {reveal}"})
    check({})


class TestIndependence:
    """What is found in a file does not depend on which files were checked before it."""

    CYCLE: ClassVar[Files] = {
        "a.py": "import jax.numpy as jnp\nimport b\nFIRST = jnp.ones(2)\nSECOND = b.SECOND",
        "b.py": "import jax.numpy as jnp\nimport a\nSECOND = jnp.ones(3)\nFIRST = a.FIRST",
        "by_a.py": "import a, b\nreveal_type(a.FIRST)\nreveal_type(a.SECOND)\nreveal_type(b.FIRST)",
        "by_b.py": "import b, a\nreveal_type(b.FIRST)\nreveal_type(b.SECOND)\nreveal_type(a.SECOND)",
        "chain.py": "import link0\nreveal_type(link0.x)",
        "end.py": "import link44\nreveal_type(link44.x)",
        **{f"link{number}.py": f"import link{number + 1}\nx = link{number + 1}.x" for number in range(60)},
        "link60.py": "import jax.numpy as jnp\nx = jnp.ones(4)",
        "held.py": "ITEMS = [1]",
        "adds.py": "import held\nheld.ITEMS.append(2)\nz = 1",
        "with_more.py": "import adds, held\nreveal_type(adds.z)\nreveal_type(len(held.ITEMS))",
        "as_it_was.py": "import held\nreveal_type(len(held.ITEMS))",
    }

    @pytest.mark.parametrize(
        "paths",
        [
            ("by_a.py", "by_b.py"),
            ("chain.py", "end.py"),
            ("with_more.py", "as_it_was.py"),
            ("a.py", "by_a.py", "by_b.py"),
        ],
    )
    def test_of_what_was_checked_before(self, paths: tuple[str, ...]) -> None:
        write(self.CYCLE)
        alone = {path: [one.message for one in found(path)[path]] for path in paths}
        for order in permutations(paths):
            assert {path: [one.message for one in told] for path, told in found(*order).items()} == alone

    def test_and_what_can_be_known_is(self) -> None:
        write(self.CYCLE)
        assert [one.message for one in found("end.py")["end.py"]] == ['revealed type is "f32[(4,)]"']
        assert 'revealed type is "f32[(2,)]"' in [one.message for one in found("by_a.py")["by_a.py"]]
