"""Propagation through the functions of JAX is the truth: named shapes are the axes that ``jax.vmap`` batches over.

Every callable of the library table is evaluated by the oracle on arguments that carry one name and two, and
compared with what is really batched. `disagreements.toml` lists what is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import pytest
from semantics.arguments import AXIS_ENV, AXIS_SIZES, Arguments, arguments_of, arrays_in, paths, with_arrays
from semantics.disagreements import DISAGREEING_FUNCTIONS, UNCOMPARED
from semantics.truth import AxisNames, Naming, batched_axes, namings

from named_types.algebra import NamedShape
from named_types.semantics import library
from named_types.semantics.abstract_array import AbstractArray
from named_types.semantics.avals import array_of_aval
from named_types.semantics.library_table import TABLE
from named_types.semantics.oracle import evaluate

pytestmark = pytest.mark.filterwarnings("ignore")

CHUNK = 40
OF_JAX = [module for module in TABLE if module not in library.FACES]
"""The modules; what the functions of the faces do beyond those of JAX is about names."""
CHUNKS = [(module, start) for module in OF_JAX for start in range(0, len(paths(module)), CHUNK)]


@pytest.mark.parametrize(("module", "start"), CHUNKS)
def test_named_shapes_are_the_batched_axes(
    module: str, start: int, record_property: Callable[[str, object], None]
) -> None:
    compared = [path for path in paths(module)[start : start + CHUNK] if path not in UNCOMPARED]
    wrong = {path: difference for path in compared if (difference := _difference(path))}
    listed = {path for path in compared if path in DISAGREEING_FUNCTIONS}
    assert wrong.keys() - listed == set(), wrong
    assert listed - wrong.keys() == set(), "these agree now: take them off the list"
    record_property("functions compared with vmap", len(compared))
    record_property("comparisons of propagated names with batched axes", sum(len(_namings(path)) for path in compared))


@pytest.mark.parametrize("path", UNCOMPARED)
def test_what_is_not_compared_cannot_be(path: str) -> None:
    module, _, name = path.rpartition(".")
    assert name in TABLE[module].split()
    arguments = arguments_of(path)
    if arguments is not None:
        with pytest.raises((NotImplementedError, TypeError, AssertionError)):
            _batched(path, arguments, _namings(path)[0])


def test_at_least_700_functions_are_compared() -> None:
    callables = {path for module in OF_JAX for path in paths(module)}
    assert len(callables - UNCOMPARED.keys()) >= 700
    assert all(UNCOMPARED.values())
    assert all(DISAGREEING_FUNCTIONS.values())


def _difference(path: str) -> str:
    """Where propagation and the truth part for one callable; empty where they agree."""
    arguments = arguments_of(path)
    if arguments is None:
        return "no arguments are known"
    for naming in _namings(path):
        truth = _batched(path, arguments, naming)
        propagated = _propagated(path, arguments, naming)
        if propagated != truth:
            return f"with {naming} it is {propagated}, vmap has {truth}"
    return ""


def _namings(path: str) -> list[Naming]:
    arguments = arguments_of(path)
    return namings(len(arrays_in(arguments))) if arguments else []


def _batched(path: str, arguments: Arguments, naming: Naming) -> list[AxisNames]:
    function = library.resolve(path)
    assert function is not None

    def call(*arrays: Any) -> Any:
        args, kwargs = with_arrays(arguments, arrays)
        return function(*args, **kwargs)

    return batched_axes(call, arrays_in(arguments), naming, AXIS_SIZES)


def _propagated(path: str, arguments: Arguments, naming: Naming) -> list[AxisNames | None] | str:
    """The names of each array in the result, as the oracle has it."""
    named = [
        array_of_aval(jax.core.ShapedArray(array.shape, array.dtype), AXIS_ENV.restrict(names))
        for array, names in zip(arrays_in(arguments), naming, strict=True)
    ]
    outcome = evaluate(path, *with_arrays(arguments, named), AXIS_ENV)
    if outcome.problem is not None:
        return outcome.problem.message
    arrays = [leaf for leaf in jax.tree_util.tree_leaves(outcome.value) if isinstance(leaf, AbstractArray)]
    return [_names(array.type.named_shape) for array in arrays]


def _names(named_shape: NamedShape | None) -> AxisNames | None:
    return None if named_shape is None else frozenset(named_shape)
