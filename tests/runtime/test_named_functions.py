"""Every function of the faces: along names it does what JAX's function does along positions."""

from __future__ import annotations

import importlib
import inspect
import re
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from face_functions import CALLS, EXTENTS, SEVERAL, call_of, functions

from named_types.runtime import xmap
from named_types.runtime.named_catalogue import FACES, Entry, catalogue
from named_types.runtime.named_functions import Does

ALONG = functions()
X = jax.random.normal(jax.random.key(0), (4, 6, 4))
W = jnp.stack([X, 1 - X, 2 * X, X**2], axis=1)


def named_and_positional(function: Entry) -> dict[str, tuple[Any, Any, Any]]:
    """For each way to write axes: the axes with names, the positions they stand for, and where names are in the result.

    The functions are called with ``x``, whose positional axes come after "a", or with ``w``, where they come after
    "a" and "b".
    """
    keeps = function.behaviour.does in (Does.KEEPS, Does.MAKES)
    ways: dict[str, tuple[Any, Any, Any]] = {"x": ("a", 0, {0: "a"} if keeps else {})}
    if function.path in EXTENTS or function.behaviour.does is Does.MAKES:
        return ways
    ways["w"] = ("a", 0, {0: "b", 1: "a"} if keeps else {0: "b"})
    if function.path in SEVERAL:
        ways["w tuple"] = (("a", "b"), (0, 1), {0: "a", 1: "b"} if keeps else {})
        ways["x mixed"] = (("a", 1), (0, 2), {0: "a"} if keeps else {})
    if function.path in SEVERAL and not function.path.startswith("lax."):
        ways["x behind"] = ((-1, "a"), (-1, 0), {0: "a"} if keeps else {})
    return ways


@pytest.mark.parametrize("function", ALONG, ids=lambda function: function.path)
def test_along_names_as_along_positions(function):
    compare(function)


@pytest.mark.slow
@pytest.mark.parametrize("function", ALONG, ids=lambda function: function.path)
def test_along_names_that_are_spread_over_a_mesh(function, scope):
    if function.path not in EXTENTS:
        with scope(x=2, y=2):
            compare(function, {"a": "x", "b": "y"})


def compare(function: Entry, axis_resources: Any = None) -> None:
    ways = named_and_positional(function)
    x = X[: EXTENTS.get(function.path, 4)]
    is_made = function.behaviour.does is Does.MAKES

    def program(x, w):
        arrays = {"x": x, "w": w}
        return {way: call_of(function)(function.function, arrays[way[0]], axes) for way, (axes, *_) in ways.items()}

    def expected(way, position):
        call = lambda array: call_of(function)(function.positional, array, position)  # noqa: E731
        if way == "w":
            return jax.vmap(call, in_axes=1)(W)
        return call({"x": x[0] if is_made else x, "w": W}[way[0]])

    in_axes = ({} if is_made else {0: "a"}, {0: "a", 1: "b"} if len(x) == 4 else {0: "c", 1: "b"})
    out_axes = {way: out for way, (_, _, out) in ways.items()}
    mapped = xmap(program, in_axes, out_axes, axis_sizes={"a": len(x)}, axis_resources=axis_resources)
    results = mapped(x[0] if is_made else x, W)
    for way, (_, position, _) in ways.items():
        jax.tree_util.tree_map(
            lambda one, other: np.testing.assert_allclose(one, other, rtol=2e-4, atol=2e-4),
            results[way],
            expected(way, position),
        )


AXES = re.compile(r"axis|axes|(?<!window_)dimension(?!_numbers)|permutation|^source$")
NO_AXES = {
    "lax.pbroadcast": "a collective that xmap has no rule for",
    "lax.pcast": "tells of the types in shard_map",
    "lax.precv": "a collective that xmap has no rule for",
    "lax.psend": "a collective that xmap has no rule for",
    "lax.ragged_all_to_all": "a collective that xmap has no rule for",
    "numpy.indices": "its dimensions are sizes",
}


def test_every_function_with_axes_is_in_the_catalogue():
    """What is in it may have further parameters that take axes: they are listed with it."""
    listed = {entry.path: entry for entry in catalogue()}
    missing = []
    for face in FACES:
        behind = importlib.import_module(f"jax.{face}")
        for name, function in vars(behind).items():
            path = f"{face}.{name}"
            axes = {parameter for parameter in parameters_of(function) if AXES.search(parameter)}
            if not name.startswith("_") and axes and path not in NO_AXES:
                known = set(listed[path].behaviour.parameters) if path in listed else set()
                missing += [] if known & axes else [path]
    assert missing == []


def parameters_of(function: Any) -> list[str]:
    if not callable(function) or inspect.isclass(function):
        return []
    try:
        return list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return []


def test_every_listed_call_is_of_a_function_that_there_is():
    paths = {function.path for function in ALONG}
    assert (CALLS.keys() | SEVERAL | EXTENTS.keys()) - paths == set()
