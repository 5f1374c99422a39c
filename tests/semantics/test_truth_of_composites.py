"""Propagation through control flow, transformations and collectives is the truth, as for single functions.

Each program is propagated twice: with its arguments' names, and once for all as a transfer that is then
instantiated with them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import pytest
from semantics.arguments import AXIS_ENV, AXIS_SIZES
from semantics.collectives import COLLECTIVES
from semantics.composites import COMBINATORS, composites
from semantics.disagreements import DISAGREEING_COMPOSITES
from semantics.special_arguments import vector
from semantics.truth import Naming, batched_axes, namings

from named_types.semantics.propagation import propagate
from named_types.semantics.transfers import axes, axis_names, named_shape_of, operand

pytestmark = pytest.mark.filterwarnings("ignore")

ONE_ARRAY: list[Naming] = [(frozenset(names),) for names in ("", "a", "b", "ab")]


@pytest.mark.parametrize("combinator", COMBINATORS)
def test_named_shapes_through_a_combinator_are_the_batched_axes(
    combinator: str, record_property: Callable[[str, object], None]
) -> None:
    programs = composites(combinator)
    wrong = {name: found for name, body in programs.items() if (found := _difference(body, [vector] * 2, namings(2)))}
    if combinator in DISAGREEING_COMPOSITES:
        assert wrong, "this agrees now: take it off the list"
    else:
        assert wrong == {}
        record_property("composites compared with vmap", len(programs))
        record_property("comparisons of propagated names with batched axes", len(programs) * len(namings(2)))


@pytest.mark.parametrize("name", COLLECTIVES)
def test_named_shapes_after_a_collective_are_the_batched_axes(
    name: str, record_property: Callable[[str, object], None]
) -> None:
    function, argument = COLLECTIVES[name]
    assert _difference(function, [argument], ONE_ARRAY) == ""
    record_property("composites compared with vmap", 1)
    record_property("comparisons of propagated names with batched axes", len(ONE_ARRAY))


def _difference(function: Callable[..., Any], arguments: Sequence[jax.ShapeDtypeStruct], ways: Sequence[Naming]) -> str:
    """Where propagation and the truth part; empty where they agree."""
    jaxpr = jax.make_jaxpr(function, axis_env=list(AXIS_SIZES.items()))(*arguments).jaxpr
    transfers = propagate(jaxpr, [operand(index) for index in range(len(arguments))])
    for naming in ways:
        truth = batched_axes(function, arguments, naming, AXIS_SIZES)
        propagated = [axis_names(names) for names in propagate(jaxpr, [axes(names) for names in naming])]
        inputs = [AXIS_ENV.restrict(names) for names in naming]
        instantiated = [named_shape_of(transfer, inputs, AXIS_ENV) for transfer in transfers]
        if propagated != truth or instantiated != [AXIS_ENV.restrict(names) for names in truth]:
            return f"with {naming} it is {propagated}, as a transfer {instantiated}, vmap has {truth}"
    return ""
