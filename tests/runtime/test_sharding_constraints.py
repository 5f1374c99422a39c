"""Sharding constraints inside a mapped function split positional axes over what named axes leave of the mesh."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from named_types.runtime import lax as named_lax
from named_types.runtime import xmap

MESH = Mesh(np.array(jax.devices()).reshape((4, 2)), ("x", "y"))
I = ["i", ...]  # noqa: E741
VALUES: Any = jnp.arange(8.0 * 4 * 6).reshape((8, 4, 6))


def constrained(*entries: Any) -> Any:
    def function(x):
        return lax.with_sharding_constraint(2 * x, NamedSharding(MESH, PartitionSpec(*entries)))

    return function


@pytest.mark.parametrize("entries", [("y",), (None, "y"), (), (("y",), None)])
@pytest.mark.parametrize("resources", [{}, {"i": "x"}])
def test_results_are_the_same(scope, entries, resources):
    with scope(x=4, y=2):
        mapped = xmap(constrained(*entries), I, I, axis_resources=resources)
        np.testing.assert_array_equal(mapped(VALUES), 2 * VALUES)
        np.testing.assert_array_equal(jax.grad(lambda x: mapped(x).sum())(VALUES), jnp.full(VALUES.shape, 2.0))


def test_the_positional_axis_is_split_over_the_free_mesh_axis(scope):
    with scope(x=4, y=2):
        result = xmap(constrained(None, "y"), I, I, axis_resources={"i": "x"})(VALUES)
    assert result.sharding.spec == PartitionSpec("x", None, "y")


def test_beside_collectives_loops_and_control_flow(scope):
    def function(x):
        def step(total, row):
            return constrained("y")(total) + row, row

        total, _ = lax.scan(step, jnp.zeros(6), x)
        return total - named_lax.pmean(total, "i")

    expected = xmap(function, I, I)(VALUES)
    with scope(x=4, y=2):
        np.testing.assert_allclose(xmap(function, I, I, axis_resources={"i": "x"})(VALUES), expected, rtol=1e-5)


@pytest.mark.parametrize(
    ("entries", "resources", "reason"),
    [
        (("x",), {"i": "x"}, "mesh axis 'x' splits axis 'i' of it already"),
        ((None, ("y", "x")), {"i": "x"}, "mesh axis 'x' splits axis 'i' of it already"),
        (("y",), {"i": "x", "j": "y"}, "mesh axis 'y' splits just the values whose named axes are mapped to it"),
    ],
)
def test_mesh_axes_of_named_axes_are_taken(rejection, place, scope, entries, resources, reason):
    axis_sizes = {"j": 2} if "j" in resources else {}
    with scope(x=4, y=2):
        mapped = xmap(constrained(*entries), I, I, axis_sizes=axis_sizes, axis_resources=resources)
        error = rejection(lambda: mapped(VALUES))
    assert error.problem.reason == reason
    assert error.place.startswith(place(constrained, "with_sharding_constraint"))


def test_a_mesh_that_is_not_in_scope(rejection, scope):
    with scope(x=4):
        mapped = xmap(constrained("y"), I, I, axis_resources={"i": "x"})
        assert rejection(lambda: mapped(VALUES)).problem.reason == "the mesh in scope has no axis 'y'"
