"""Programs that would do harm, or never end, if anything of them were run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from analyzer.expectations import check

from named_types.analyzer import analyze, check_source

HARM = """\
import os, sys
import jax, jax.numpy as jnp, numpy as np

def harm(*args, **kwargs):
    open("harmed", "w").write("x")

harm()
open("harmed", "w").write("x")
os.system("touch harmed")
__import__("os").system("touch harmed")
eval("open('harmed', 'w')")
exec("open('harmed', 'w')")
np.save("harmed", np.zeros(3))
jnp.save("harmed", jnp.zeros(3))
np.zeros(3).tofile("harmed")
np.memmap("harmed", mode="w+", shape=(3,))
jnp.zeros(3).__class__.__init__.__globals__["os"].system("touch harmed")
jax.config.update("jax_platforms", "nonsense")
jax.distributed.initialize("localhost:1", 2, 0)
jax.pure_callback(harm, jax.ShapeDtypeStruct((3,), jnp.float32), jnp.ones(3))
jax.debug.callback(harm, jnp.ones(3))
jax.jit(harm)(jnp.ones(3))
sorted([1, 2], key=harm)
print("harmed")
import harmful
from harmful import *
os._exit(3)
sys.exit(3)
"""

ANALYZE = """\
import sys
from named_types.analyzer import check_source
from jax import config
before = config.values.copy()
found = check_source("harm.py", open("harm.py").read())
assert config.values == before
assert "harmful" not in sys.modules
from jax._src import xla_bridge
assert not xla_bridge._backends
print("done", len(found))
"""


def test_nothing_is_executed(tmp_path: Path) -> None:
    (tmp_path / "harm.py").write_text(HARM)
    (tmp_path / "harmful.py").write_text("open('harmed', 'w').close()")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    command = [sys.executable, "-c", ANALYZE]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "done 0\n", "")
    assert not (tmp_path / "harmed").exists()


@pytest.mark.parametrize(
    "program",
    [
        "10 ** 10 ** 10",
        "1 << 10 ** 9",
        "[0] * 10 ** 12",
        "'a' * 10 ** 12",
        "(1,) * 10 ** 9 * 10 ** 9",
        "'%1000000000000d' % 1",
        "'{:1000000000000}'.format(1)",
        "range(10 ** 12)",
        "list(range(10 ** 12))",
        "sorted(range(10 ** 12))",
        "max(range(10 ** 12))",
        "sum(range(10 ** 12))",
        "1.5 in range(10 ** 12)",
        "[i for i in range(10 ** 12)]",
        "jnp.zeros(10 ** 12) + jnp.arange(10 ** 12)",
        "list(jnp.zeros(10 ** 12))",
        "np.zeros((10 ** 6, 10 ** 6)) @ np.ones((10 ** 6, 10 ** 6))",
        "jnp.einsum(','.join('abcdefghijklmnopqr'), *[jnp.ones(3)] * 18, optimize='optimal')",
        "jnp.split(jnp.zeros(10 ** 6), 10 ** 6)",
        "int('1' * 4000) ** 64",
    ],
)
def test_expressions_without_bounds_end(program: str) -> None:
    check(f"x = {program}\nreveal_type(jnp.ones(2))  # revealed: f32[(2,)]")


@pytest.mark.parametrize(
    "program",
    [
        "while True:\n    x = x * 2",
        "[[[0 for i in range(1000)] for j in range(1000)] for k in range(1000)]",
        "for i in range(10 ** 12):\n    x = x * 2",
        "for i in range(60):\n    x = x + x",
        "for i in range(60):\n    x.extend(x)",
        "for i in range(60):\n    x = [*x, *x]",
        "for i in range(60):\n    x = [x, x]",
        "for i in range(60):\n    x = (x, x)",
        "for i in range(60):\n    x = {'a': x, 'b': x}",
        "x.append(x)\nif unknown:\n    x.append(x)\njnp.array(x)\nreveal = x == x",
        "def f(n):\n    return f(n - 1) + f(n - 2) + g(n)\ndef g(n):\n    return f(n) + g(n - 1)\nf(10)",
        "def omega(f):\n    return f(f)\nomega(lambda g: g(g))",
        "def d(f):\n    return d(f)\n@d\n@d\ndef g():\n    pass",
        "".join(f"{'    ' * depth}for i{depth} in range(60):\n" for depth in range(8)) + "    " * 8 + "x = 1",
        "".join(f"{'    ' * depth}while unknown:\n" for depth in range(12)) + "    " * 12 + "x = 1",
        "def f0(x):\n    return x\n"
        + "".join(f"def f{n}(x):\n    return f{n - 1}(f{n - 1}(x))\n" for n in range(1, 30))
        + "f29(1)",
    ],
)
def test_programs_without_end_do(program: str) -> None:
    check_source("a.py", f"import jax.numpy as jnp\nx = [1]\n{program}\n")


@pytest.mark.parametrize(
    "expression",
    [
        "+".join(["x"] * 500),
        "-" * 500 + "x",
        "x" + ".T" * 400,
        "x" + "[0]" * 400,
        "f" + "(x)" * 300,
        "[" * 90 + "]" * 90,
        "(" * 90 + "x" + ")" * 90,
        "lambda: " * 300 + "x",
        " if u else ".join(["x"] * 300),
        "not " * 500 + "x",
    ],
    ids=lambda expression: expression[:8],
)
def test_deep_expressions_are_silent_and_what_follows_is_checked(expression: str) -> None:
    check(
        f"""
        f = lambda x: f
        x = jnp.ones(2)
        y = {expression}
        z: f32[(3,)] = x  # error: [incompatible-assignment]
        """
    )


@pytest.mark.parametrize(
    "program",
    [
        "x = " + "(" * 100_000 + ")" * 100_000,
        "x = " + "[" * 5000,
        "x = " + "{1: " * 2000 + "}" * 2000,
        "x = " + "-" * 100_000 + "1",
        "x = " + "1 + " * 100_000 + "1",
        "x = a" + ".b" * 50_000,
        "x = f" + "()" * 50_000,
        "x = " + "lambda: " * 50_000 + "1",
        "if x: pass\n" + "elif x: pass\n" * 20_000,
    ],
    ids=["parentheses", "brackets", "dicts", "signs", "sums", "attributes", "calls", "lambdas", "elifs"],
)
def test_what_is_nested_too_deeply_to_be_parsed_is_told(program: str) -> None:
    (found,) = check_source("a.py", program)
    assert (found.code, found.message) == ("syntax-error", "the file cannot be parsed: it is nested too deeply")


def test_annotations_that_are_nested_too_deeply_are_silent() -> None:
    check(f"x: {'Optional[' * 5000 + 'int' + ']' * 5000!r}\nreveal_type(jnp.ones(2))  # revealed: f32[(2,)]")


@pytest.mark.parametrize(
    "program",
    [
        "x = 1\n" + "x = (x,)\n" * 500 + "if u:\n    y = x == x\nz = {x: 1}",
        "from functools import partial\nf = lambda x: x\n" + "f = partial(f)\n" * 300 + "f(1)",
        "if u:\n    x = 1\n" + "".join(f"elif u:\n    x = {n}\n" for n in range(1000)),
        "".join(" " * depth + f"def f{depth}():\n" for depth in range(90)) + " " * 90 + "x = 1",
        "".join(" " * depth + "if u:\n" for depth in range(90)) + " " * 90 + "x = 1",
        "from typing import Optional\nx: " + "Optional[" * 90 + "int" + "]" * 90,
        "def f0(x):\n    return x\n"
        + "".join(f"def f{n}(x):\n    return (f{n - 1}((x)))\n" for n in range(1, 200))
        + "f199(1)",
        "import jax.numpy as jnp\ndef f(x):\n"
        + "".join(f"    x{n} = x + {n % 9}\n" for n in range(1500))
        + "f(jnp.ones(3))",
    ],
    ids=["tuples", "partials", "elifs", "functions", "ifs", "types", "calls", "lines"],
)
def test_deep_and_long_programs_end(program: str) -> None:
    analysis = analyze("a.py", program)
    assert analysis.diagnostics == ()
    assert analysis.visited(1, 1, 1, 1) is False


@pytest.mark.parametrize(
    "program",
    [
        "def f(x: 1 / 0, *, y: (lambda: 1)()) -> {}[1]:\n    pass\nf(1, y=2)",
        "x: 10 ** 10 ** 10 = 1\ny: 'f(' = 1\nz: ' f32' = 1\nw: b'f32' = 1",
        "{[]: 1}\nx = {}\nx[[]] = 1\n{**1}\nf(**{1: 2})\nf(*1)",
        "x = (1, 2, 3)[::0]\nx[10 ** 100:]\n'a'[5]",
        "global x\nnonlocal y\ndel z, (w, v[0])",
        "class A(B, metaclass=C):\n    x: int = 1 / 0\n    def f(self): return super().f()\nA().f()",
        "len(*u)\nrange(*u)\nzip(1)\nmap()\nsum(*u)\nabs(*u)\nenumerate(*u)\ndict(1)\nlist(1, 2)",
        "from named_types.runtime import xmap, mesh, named_shape\nxmap(*1)\nxmap(u, 2, 3)(4)\nmesh(*u)\nnamed_shape()",
        "import jax\njax.jit()\njax.make_mesh(*u)\njax.make_mesh(1, 2)\njax.devices()[0][1].x",
        "x.y.z = 1\nx[1][2] = 3\n(a, *b), c = 1\n*d, = 2\nfor x.y in z: pass",
        "async def f():\n    async for c in d:\n        await e\n    [x async for x in y]",
        "type X = int" if sys.version_info >= (3, 12) else "pass",
        "try:\n    pass\nexcept* ValueError as e:\n    raise\n",
    ],
)
def test_nonsense_is_silent(program: str) -> None:
    assert [one for one in check_source("a.py", program) if one.code not in {"invalid-axis-mapping"}] == []
