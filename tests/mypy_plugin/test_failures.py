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

    number: int = "FUNCTION"
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
    ("title", "owner", "name"),
    [
        pytest.param(*function, id=function[0], marks=() if function[0].startswith(QUICK) else pytest.mark.slow)
        for function in functions()
    ],
)
def test_a_function_that_fails_is_no_failure_of_mypy(
    title: str, owner: object, name: str, mypy: Mypy, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = mypy.write("program.py", PROGRAM.replace("FUNCTION", title))
    original = getattr(owner, name)
    for holder in [*PARTS, owner]:
        if vars(holder).get(name) is original:
            monkeypatch.setattr(holder, name, raising)
    said = [line for line in mypy.run(program) if "is not defined" not in line]
    assert said == [f"{SAID}  [assignment]"]


def test_with_show_traceback_a_failure_is_told(
    mypy: Mypy, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("named_types.mypy_plugin.calls.Calls.of_method", raising)
    program = mypy.write("program.py", PROGRAM.replace("FUNCTION", "traceback"))
    output, complaints, _ = api.run(
        ["--config-file=mypy.ini", f"--cache-dir={mypy.cache}", "--show-traceback", program]
    )
    assert SAID in output
    assert "ZeroDivisionError: made to fail" in complaints + capfd.readouterr().err
