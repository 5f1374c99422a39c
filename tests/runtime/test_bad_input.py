"""Input that makes no sense gets one clear error: what is wrong, with the user's line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.sharding import PartitionSpec

from named_types.runtime import SerialLoop, lax, mesh, serial_loop, xmap
from named_types.runtime import numpy as named_jnp

I = ["i", ...]  # noqa: E741
X: Any = jnp.arange(4.0)
DEVICES = np.array(jax.devices())
_xmap: Any = xmap
"""The function as an untyped program calls it."""


def same(x):
    return x


@pytest.mark.parametrize(
    ("in_axes", "message"),
    [
        (None, "in_axes: None is not an axis mapping: write a dict such as {0: 'a'} or a list such as ['a', ...]"),
        (0, "in_axes: 0 is not an axis mapping: write a dict such as {0: 'a'} or a list such as ['a', ...]"),
        ("i", "in_axes: 'i' is not an axis mapping: write a dict such as {0: 'a'} or a list such as ['a', ...]"),
        (..., "in_axes: `...` is not an axis mapping: write a dict such as {0: 'a'} or a list such as ['a', ...]"),
        ({"i"}, "in_axes: {'i'} is not an axis mapping: write a dict such as {0: 'a'} or a list such as ['a', ...]"),
        ([..., "i"], "in_axes: `...` may only stand at the end"),
        ({0.5: "i"}, "in_axes: a position must be an int, not 0.5"),
        ({True: "i"}, "in_axes: a position must be an int, not True"),
        ({...: "i"}, "in_axes: a position must be an int, not `...`"),
        ({0: None}, "in_axes: None is not an axis name"),
        (["i", "i"], "in_axes: axis name 'i' stands for two positions"),
        ([np.ones(2), ...], "in_axes: an axis name must be hashable, array([1., 1.]) is not"),
    ],
)
def test_what_is_no_axis_mapping(rejection, in_axes, message):
    assert rejection(lambda: _xmap(same, in_axes, I)).problem.message == message


@pytest.mark.parametrize(
    ("in_axes", "arguments", "message"),
    [
        (({"w": I, "b": {}},), [{"w": X}], "in_axes[0] does not fit: it is a dict with keys 'b', 'w', the value is a "),
        ({"w": I}, [{"w": X}], "in_axes does not fit: it is a dict with keys 'w', and must be one axis mapping or a "),
        ({0: ["i"]}, [X], "in_axes does not fit: it is a dict with keys 0, and must be one axis mapping or a tuple "),
        ([I, I], [X], "in_axes does not fit: it has 2 entries, the function is called with 1 arguments"),
        ({1: "i"}, [X], "in_axes of argument 0 is {1: 'i'}, but \"f32[(4,)]\" has rank 1"),
        ({-2: "i"}, [X], "in_axes of argument 0 is {-2: 'i'}, but \"f32[(4,)]\" has rank 1"),
        (
            {0: "i", -1: "j"},
            [X],
            "in_axes of argument 0 is {-1: 'j', 0: 'i'}, but \"f32[(4,)]\" has rank 1, where two ",
        ),
        (I, [3.0], "in_axes of argument 0 is {0: 'i'}, but \"f32[()]\" has rank 0"),
        (I, [[1.0, 2.0]], "in_axes of argument 0[0] is {0: 'i'}, but \"f32[()]\" has rank 0"),
    ],
)
def test_axis_mappings_that_do_not_fit_the_arguments(rejection, place, in_axes, arguments, message):
    def call():
        return _xmap(same, in_axes, [...])(*arguments)

    error = rejection(call)
    assert error.problem.message.startswith(message)
    assert error.place.startswith(place(call, "return _xmap"))


def test_positions_may_be_any_integers():
    mapped = _xmap(same, {np.int64(0): "i"}, {-1: "i"})
    np.testing.assert_array_equal(mapped(jnp.ones((4, 3))), jnp.ones((3, 4)))


def test_arguments_by_keyword(rejection, place):
    def call():
        return _xmap(lambda x, y: x, (I, I), I)(X, y=X)  # type: ignore[axis-mapping-structure]

    error = rejection(call)
    assert error.problem.message == "in_axes does not fit: it has no entry for 'y': arguments are passed by position"
    assert error.place.startswith(place(call, "return _xmap"))


def test_arguments_the_function_does_not_take_are_pythons_own_error():
    with pytest.raises(TypeError, match="takes 1 positional argument but 2 were given"):
        _xmap(same, (I, I), I)(X, X)


@pytest.mark.parametrize(
    ("axis_sizes", "message"),
    [
        ([4], "axis_sizes: it must be a dict of sizes by axis name, not [4]"),
        ({"i": -1}, "axis_sizes: the size of axis 'i' cannot be negative: -1"),
        ({"i": True}, "axis_sizes: the size of axis 'i' must be an int, not True"),
        ({"i": 4.0}, "axis_sizes: the size of axis 'i' must be an int, not 4.0"),
        ({"i": 2**70}, "axis_sizes: the size of axis 'i' cannot be larger than 9223372036854775807"),
    ],
)
def test_sizes(rejection, axis_sizes, message):
    assert rejection(lambda: _xmap(same, {}, {}, axis_sizes=axis_sizes)).problem.message == message


def test_a_traced_size(rejection):
    def of_size(size):
        return _xmap(same, I, I, axis_sizes={"i": size})(X)

    message = rejection(lambda: jax.jit(of_size)(4)).problem.message
    assert message.startswith("axis_sizes: the size of axis 'i' must be an int, not ")


def test_sizes_that_contradict_and_sizes_of_nothing(rejection):
    error = rejection(lambda: _xmap(same, I, I, axis_sizes={"i": 5})(X))
    assert error.problem.message == "axis 'i' has size 5 in axis_sizes and size 4 in argument 0"
    assert _xmap(lambda: lax.axis_index("i"), (), I, axis_sizes={"i": 0})().shape == (0,)
    np.testing.assert_array_equal(_xmap(lambda x: lax.psum(x, "i"), I, {})(jnp.ones((0, 3))), jnp.zeros(3))


@pytest.mark.parametrize(
    ("resources", "message"),
    [
        (["x"], "axis_resources: it must be a dict of resources by axis name, not ['x']"),
        ({"i": ["x"]}, "axis_resources: ['x'] is not a resource: several are written as a tuple"),
        ({"i": None}, "axis_resources: None is not a resource: an axis without resources is left out"),
        ({"i": ("x", "x")}, "axis 'i' is mapped to resource 'x' twice"),
        ({"i": SerialLoop(0)}, "axis_resources: a serial loop has at least one step, not 0"),
        (
            {"i": SerialLoop(2.0)},  # type: ignore[arg-type]
            "axis_resources: the number of steps of a serial loop must be an int, not 2.0",
        ),
    ],
)
def test_resources(rejection, resources, message):
    assert rejection(lambda: _xmap(same, I, I, axis_resources=resources)).problem.message == message


@pytest.mark.parametrize(
    ("donated", "message"),
    [
        ((3,), "donate_argnums: there is no argument 3 among 1"),
        ((0, -1), "donate_argnums: argument 0 stands there twice"),
        ("x", "donate_argnums: a position must be an int, not 'x'"),
        (True, "donate_argnums: a position must be an int, not True"),
    ],
)
def test_donated_arguments_that_do_not_exist(rejection, donated, message):
    assert rejection(lambda: _xmap(same, I, I, donate_argnums=donated)).problem.message == message


@pytest.mark.parametrize("result", ["done", object(), same, np.array([None])])
def test_results_that_are_no_arrays(rejection, place, result):
    def function(x):
        return {"a": x, "b": result}

    error = rejection(lambda: _xmap(function, I, I)(X))
    name = type(result).__name__
    assert error.problem.message == f"out_axes does not fit: result['b'] is no array but of type {name}"
    assert error.place.startswith(place(function, "return"))


@pytest.mark.parametrize("argument", ["text", object(), np.array(["a"]), jax.ShapeDtypeStruct((4,), jnp.float32)])
def test_arguments_that_are_no_arrays_are_named_by_jax(argument):
    with pytest.raises(TypeError, match="x"):
        _xmap(same, I, I)(argument)


def test_lowering_takes_abstract_arrays_and_rejects_them_as_it_does_arrays(rejection, scope):
    abstract = jax.ShapeDtypeStruct((8,), jnp.float32)
    with scope(x=4):
        compiled = _xmap(same, I, I, axis_resources={"i": "x"}).lower(abstract).compile()
    np.testing.assert_array_equal(compiled(jnp.arange(8.0)), jnp.arange(8.0))
    assert rejection(lambda: _xmap(same, ["i", None], I).lower(abstract)).problem.code == "rank-mismatch"


@pytest.mark.parametrize(
    ("devices", "names", "message"),
    [
        (DEVICES[:0], ("x",), r"a mesh has at least one device: \('x',\) for devices of shape \(0,\)"),
        (DEVICES[:4], ("x", "y"), r"one name for each axis of its devices: not \('x', 'y'\) for shape \(4,\)"),
        (DEVICES[:4].reshape((2, 2)), ("x", "x"), r"the axes of a mesh have different names, not \('x', 'x'\)"),
        (DEVICES[[0, 0]], ("x",), "a device stands in a mesh once: 1 devices for 2 places"),
        ([0, 1], ("x",), r"the devices of a mesh are those of jax.devices\(\), not np.int64\(0\)"),
    ],
)
def test_meshes_that_cannot_be(devices, names, message):
    with pytest.raises((ValueError, TypeError), match=message), mesh(devices, names):
        pass


def test_serial_loops_that_cannot_be():
    with pytest.raises(ValueError, match=r"must be an int, not 2\.0"), serial_loop("steps", 2.0):  # type: ignore[arg-type]
        pass
    with pytest.raises(ValueError, match="is not a resource"), serial_loop(["steps"], 2):  # type: ignore[arg-type]
        pass


def test_what_is_mapped_is_a_function():
    with pytest.raises(TypeError, match="xmap maps a function, not 3"):
        _xmap(3, I, I)


def test_callables_that_cannot_be_hashed_are_mapped():
    @dataclass
    class Scale:
        by: jax.Array

        def __call__(self, x):
            return x * self.by

    np.testing.assert_array_equal(_xmap(Scale(jnp.float32(2)), I, I)(X), 2 * X)


def test_a_function_that_maps_itself_for_ever():
    def endless(x):
        return mapped(x)

    mapped = _xmap(endless, [...], [...])
    with pytest.raises(RecursionError, match="'endless' calls itself without an end while it is traced\n  at: "):
        mapped(X)


def test_errors_of_the_function_pass_unchanged(scope):
    class MineError(Exception):
        pass

    def failing(x):
        raise MineError("text")

    def asserting(x):
        assert x is None, "mine"

    with scope(x=4):
        mapped = _xmap(failing, I, I, axis_resources={"i": "x"})
        with pytest.raises(MineError, match=r"^text"):
            mapped(X)
    with pytest.raises(AssertionError, match=r"^mine"):
        _xmap(asserting, I, I)(X)


def test_tracers_that_leak_are_named(rejection):
    kept: list[Any] = []

    def keeping(x):
        kept.append(2 * x)
        return x

    _xmap(keeping, I, I)(X)
    with pytest.raises(jax.errors.UnexpectedTracerError, match="keeping"):
        kept[0] + 1


def shuffle(perm: Any) -> Callable[[Any], Any]:
    return lambda x: lax.pshuffle(x, "i", perm)


def permute(pairs: Any) -> Callable[[Any], Any]:
    return lambda x: lax.ppermute(x, "i", pairs)


@pytest.mark.parametrize("resources", [{}, {"i": "x"}])
@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (permute([(0, 7)]), "there is no instance 7 of axis 'i' of size 4"),
        (permute([(-1, 0)]), "there is no instance -1 of axis 'i' of size 4"),
        (permute([(0, 1), (0, 2)]), "an instance stands in the permutation twice: ((0, 1), (0, 2))"),
        (shuffle([1, 0]), "the permutation has 2 entries for 4 instances"),
        (lambda x: lax.psum(x, ("i", "i")), "axis 'i' stands there twice"),
    ],
)
def test_collectives_that_cannot_be(rejection, scope, function, reason, resources):
    with scope(x=4):
        error = rejection(lambda: _xmap(function, I, I, axis_resources=resources)(X))
    assert error.problem.code == "invalid-operation"
    assert error.problem.reason == reason
    assert "test_bad_input.py" in error.place


def test_an_assertion_inside_jax_is_an_operation_it_does_not_accept(rejection):
    def exchange(x):
        return jax.vmap(lambda y: lax.ppermute(y, "j", [(0, 1)]), axis_name="j")(x)

    assert rejection(lambda: _xmap(exchange, I, I)(jnp.ones((4, 3)))).problem.operation == "ppermute"


def test_the_mesh_of_an_enclosing_shard_map(rejection, scope):
    def body(values):
        return _xmap(lambda x: lax.psum(x, "i"), I, [...], axis_resources={"i": "x"})(values)

    with scope(x=4) as devices:
        spread = jax.shard_map(
            body, mesh=devices, in_specs=PartitionSpec("x"), out_specs=PartitionSpec(), check_vma=False
        )
        error = rejection(lambda: spread(jnp.ones(16)))
    assert error.problem.message == (
        "axis_resources: an enclosing shard_map splits mesh axis 'x': here no axis can be mapped to the mesh"
    )


@pytest.mark.parametrize("around", [lambda f: _xmap(f, ["x", ...], ["x", ...]), partial(jax.vmap, axis_name="x")])
def test_an_enclosing_axis_with_the_name_of_a_mesh_axis(rejection, scope, around):
    """In what runs on a device, the name would be that of the mesh axis."""

    def row(values):
        return _xmap(lambda x: x - lax.psum(x, "i"), I, I, axis_resources={"i": "x"})(values)

    with scope(x=4):
        error = rejection(lambda: around(row)(jnp.ones((3, 4))))
        other = _xmap(row, ["rows", ...], ["rows", ...])(jnp.ones((3, 4)))
    assert error.problem.reason == "'x' is an axis of the mesh and of an enclosing function: rename one of the two"
    np.testing.assert_array_equal(other, np.full((3, 4), -3.0))


def test_a_shard_map_inside_a_mapped_function_that_is_spread_itself(rejection, scope):
    with scope(x=4) as devices:
        total = jax.shard_map(
            lambda part: lax.psum(part, "x"), mesh=devices, in_specs=PartitionSpec("x"), out_specs=PartitionSpec()
        )
        error = rejection(lambda: _xmap(total, I, I, axis_resources={"i": "x"})(jnp.ones((4, 4))))
    assert error.problem.reason == "mesh axis 'x' is split by axis_resources already"


@pytest.mark.parametrize("kind", ["rbg", "unsafe_rbg"])
def test_random_numbers_that_would_depend_on_resources(rejection, place, scope, kind):
    def draw(key):
        return jax.random.normal(key)

    keys = jax.random.split(jax.random.key(0, impl=kind), 4)
    np.testing.assert_array_equal(_xmap(draw, I, I)(keys), jax.vmap(draw)(keys))
    with scope(x=4):
        error = rejection(lambda: _xmap(draw, I, I, axis_resources={"i": "x"})(keys))
        assert error.problem.reason.endswith(
            "depends on how axis 'i' is spread over resources; a key of threefry does not"
        )
        assert error.place.startswith(place(draw, "return"))
        shared = _xmap(
            lambda key: draw(key) + lax.axis_index("i"), {}, I, axis_sizes={"i": 4}, axis_resources={"i": "x"}
        )
        np.testing.assert_allclose(shared(keys[0]), draw(keys[0]) + jnp.arange(4), rtol=1e-6)


def written(collective: Callable[..., Any], *arguments: Any, **options: Any) -> Callable[[Any], Any]:
    return lambda x: collective(x, *arguments, **options)


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (
            written(lax.psum, "i", axis_index_groups=[[0, 0, 1, 2]]),
            "cannot compute psum(f32[(6,)], 'i', axis_index_groups=[[0, 0, 1, 2]])",
        ),
        (written(lax.psum, "i", axis_index_groups=3), "cannot compute psum(f32[(6,)], 'i', axis_index_groups=3)"),
        (written(lax.ppermute, "i", [1, 2]), "cannot compute ppermute(f32[(6,)], 'i', [1, 2])"),
        (
            written(lax.ppermute, "i", "ab"),
            "cannot compute ppermute(f32[(6,), {'i': 4}]): ('a',) is no pair of a source and ",
        ),
        (written(lax.pshuffle, "i", [0, 0, 0, 0]), "cannot compute pshuffle(f32[(6,)], 'i', [0, 0, 0, 0])"),
        (
            written(lax.all_to_all, "i", 3, 0),
            "cannot compute all_to_all(f32[(6,)], 'i', 3, 0): there is no axis 3, for there is 1 axis",
        ),
        (
            written(lax.all_to_all, "i", 0, 0, tiled=True),
            "cannot compute all_to_all(f32[(6,)], 'i', 0, 0, tiled=True)",
        ),
        (written(lax.psum_scatter, "i", tiled=True), "cannot compute psum_scatter(f32[(6,)], 'i', tiled=True)"),
        (
            written(lax.psum_scatter, "i", scatter_dimension=2),
            "cannot compute psum_scatter(f32[(6,)], 'i', scatter_dimension=2)",
        ),
        (written(lax.all_gather, "i", axis=4), "cannot compute all_gather(f32[(6,)], 'i', axis=4): there is no axis 4"),
        (written(lax.pdot, X, "i", ((0,), (0,))), "cannot compute pdot(f32[(6,)], f32[(4,)], 'i', ((0,), (0,)))"),
        (written(lax.pdot, X, "i", ((0,), ())), "cannot compute pdot(f32[(6,)], f32[(4,)], 'i', ((0,), ()))"),
        (
            lambda x: named_jnp.einsum("a{i},a{i}->a{i}", x, x[:3]),
            "cannot compute einsum('a{i},a{i}->a{i}', f32[(6,)], f32[(3,)])",
        ),
        (lambda x: lax.psum(x, {}), "axis {} is unbound in psum: only 'i' is in scope"),
        (lambda x: lax.psum(x, None), "axis None is unbound in psum: only 'i' is in scope"),
    ],
)
def test_arguments_that_jax_rejects_in_collectives(rejection, function, message):
    error = rejection(lambda: _xmap(function, I, [...])(jnp.ones((4, 6))))
    assert error.problem.message.startswith(message)
    assert "test_bad_input.py" in error.place
