"""Whatever fails inside the plugin, mypy does not: it answers as it would without that part of the plugin.

Each function of the plugin is made to raise, one at a time, and mypy has to find the one fault that is its own.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from typing import NoReturn

import pytest
from mypy import api
from mypy_programs import Mypy

import named_types.mypy_plugin

PROGRAM = """
    import jax
    import jax.numpy as jnp
    from jax import lax
    from named_types import f32
    from named_types.runtime import xmap

    def total(x: f32[(2, 3), {"b": 4}]) -> f32[(3,), {"b": 4}]:
        return jnp.sum(x, axis=0)

    def body(x: f32[(3,), {"b": 4}]) -> f32[(3,)]:
        return lax.psum(x, "b")

    mapped = xmap(body, in_axes=["b", ...], out_axes=[...])

    def use(x: f32[(2, 3)], y: jax.Array) -> None:
        rows = [row + 1.0 for row in x]
        result = mapped(jnp.zeros((4, 3)))
        size = x.T.at[0].set(1.0).shape
        product = x @ x.T

    number: int = "PLACE"
    """
SAID = 'program.py:21: error: Incompatible types in assignment (expression has type "str", variable has type "int")'

PARTS = [
    importlib.import_module(f"{named_types.mypy_plugin.__name__}.{module.name}")
    for module in pkgutil.iter_modules(named_types.mypy_plugin.__path__)
    if module.name not in ("command", "compatibility", "guard", "version")
]
QUICK = ("analysis", "hooks")
SCAFFOLDING = {"LazyPlugin", "NamedTypesPlugin", "_default_type", "make_generic"}
"""What mypy calls before there is anything to fall back to, the fallback itself, and what jax's own module meets."""


def write(mypy: Mypy) -> str:
    """A program that is in no cache."""
    return mypy.write("program.py", PROGRAM.replace("PLACE", str(mypy.directory)))


def functions() -> Iterator[tuple[str, object, str]]:
    """Every function of the plugin and method of its classes: a title, where it stands, and its name there."""
    for part in PARTS:
        for name, value in vars(part).items():
            if getattr(value, "__module__", None) != part.__name__ or name in SCAFFOLDING:
                continue
            title = f"{part.__name__.rpartition('.')[2]}.{name}"
            if inspect.isfunction(value):
                yield title, part, name
            elif inspect.isclass(value):
                methods = [one for one, method in vars(value).items() if inspect.isfunction(method)]
                yield from ((f"{title}.{one}", value, one) for one in methods if not one.startswith("__"))


def raising(*args: object, **kwargs: object) -> NoReturn:
    raise ZeroDivisionError("made to fail")


@pytest.fixture
def failures() -> None:
    """Here hooks may fail."""


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        pytest.param(*function[1:], id=function[0], marks=() if function[0].startswith(QUICK) else pytest.mark.slow)
        for function in functions()
    ],
)
def test_a_function_that_fails_is_no_failure_of_mypy(
    owner: object, name: str, mypy: Mypy, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = write(mypy)
    original = getattr(owner, name)
    for holder in [*PARTS, owner]:
        if vars(holder).get(name) is original:
            monkeypatch.setattr(holder, name, raising)
    said = [line for line in mypy.run(program) if "is not defined" not in line]
    assert said == [f"{SAID}  [assignment]"]


def test_a_plugin_that_cannot_be_made_is_none(mypy: Mypy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("named_types.mypy_plugin.hooks.NamedTypesPlugin", raising)
    program = mypy.write("program.py", "import named_types\n\nnumber: int = ''\n")
    assert mypy.run("--cache-dir=cache", program) == [f"{SAID}  [assignment]".replace(":21:", ":3:")]


def test_with_show_traceback_a_failure_is_told(
    mypy: Mypy, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("named_types.mypy_plugin.calls.Calls.of_method", raising)
    program = write(mypy)
    output, complaints, _ = api.run(
        ["--config-file=mypy.ini", f"--cache-dir={mypy.cache}", "--show-traceback", program]
    )
    assert SAID in output
    assert "ZeroDivisionError: made to fail" in complaints + capfd.readouterr().err
