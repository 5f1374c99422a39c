"""explain tells where every value lives and what is exchanged: as the compiled program has it."""

from __future__ import annotations

import re
from collections import Counter
from math import prod
from typing import Any

import jax
import jax.numpy as jnp
import pytest
from jax import lax
from jax.extend.core import jaxprs_in_params
from runtime.test_partitioning import OPERATIONS

from named_types.runtime import Exchange, SerialLoop, explain, serial_loop, xmap
from named_types.runtime import lax as named_lax
from named_types.runtime import nn as named_nn

X = jax.random.normal(jax.random.key(0), (22, 4, 5))
WEIGHTS = {"first": jnp.ones((6, 8)), "second": jnp.ones((8, 3))}
WEIGHTS_AXES = {"first": ["inputs", "hidden"], "second": ["hidden", None]}
IMAGES = jnp.ones((8, 6))
SPREAD = [
    {},
    {"batch": "x"},
    {"batch": "x", "hidden": "y"},
    {"batch": ("y", "x")},
    {"hidden": "x", "inputs": "y"},
]


def predict(weights, image):
    hidden = jnp.tanh(named_lax.pdot(weights["first"], image, "inputs"))
    return named_nn.softmax(named_lax.pdot(weights["second"], hidden, "hidden"))


def train(weights, image):
    value, gradient = jax.value_and_grad(lambda weights: predict(weights, image)[0])(weights)
    updated = jax.tree.map(lambda w, g: w - 0.1 * lax.pmean(g, "batch"), weights, gradient)
    return {"loss": lax.pmean(value, "batch"), "updated": updated}


def train_step(resources):
    out_axes = {"loss": {}, "updated": WEIGHTS_AXES}
    return xmap(train, (WEIGHTS_AXES, ["batch", "inputs"]), out_axes, axis_resources=resources)


def shard_bytes(arrays, shardings):
    """What each device holds of arrays of these shardings."""
    arrays, shardings = jax.tree.leaves(arrays), jax.tree.leaves(shardings)
    return [
        prod(sharding.shard_shape(array.shape)) * array.dtype.itemsize
        for array, sharding in zip(arrays, shardings, strict=True)
    ]


def bytes_of(values, kind):
    return [value.bytes_per_device for value in values if value.made_by.startswith(kind)]


@pytest.mark.parametrize("resources", SPREAD, ids=str)
def test_arguments_and_results_are_where_the_compiled_program_has_them(scope, resources):
    step = train_step(resources)
    with scope(x=4, y=2):
        values = explain(step, WEIGHTS, IMAGES).values
        compiled = step.lower(WEIGHTS, IMAGES).compile()
        results = jax.eval_shape(step, WEIGHTS, IMAGES)
    assert bytes_of(values, "argument") == shard_bytes((WEIGHTS, IMAGES), compiled.input_shardings[0])
    assert bytes_of(values, "result") == shard_bytes(results, compiled.output_shardings)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_value_is_in_the_shard_map_with_these_bytes(scope, operation):
    with scope(x=2, y=3):
        mapped = xmap(OPERATIONS[operation], ["i", ...], ["i", ...], axis_resources={"i": "x"})
        explanation = explain(mapped, X)
        lowered = bytes_inside_shard_map(jax.make_jaxpr(mapped)(X).jaxpr)
    assert {value.bytes_per_device for value in explanation.values} <= lowered
    assert {value.partitioned for value in explanation.values if value.type.named_shape} == {("x",)}
    assert {value.partitioned for value in explanation.values if not value.type.named_shape} <= {()}
    assert explanation.exchanges == ()


def bytes_inside_shard_map(jaxpr, is_inside=False):
    """Those of all values in shard_maps, at any depth."""
    found = set()
    for eqn in jaxpr.eqns:
        if is_inside:
            avals = [atom.aval for atom in [*eqn.invars, *eqn.outvars]]
            found |= {prod(aval.shape) * aval.dtype.itemsize for aval in avals}
        for inner in jaxprs_in_params(eqn.params):
            found |= bytes_inside_shard_map(inner, is_inside or eqn.primitive.name == "shard_map")
    return found


def exchange_everything(x):
    gathered = lax.all_gather(x, "i")
    scattered = lax.psum_scatter(gathered * x, "i", scatter_dimension=0)
    swapped = lax.all_to_all(gathered + x, "i", 0, 0)
    shifted = lax.ppermute(x, "i", [(index, (index + 1) % 8) for index in range(8)])
    return lax.psum(x, "i") + lax.pmax(x, "i"), shifted + scattered.sum() + swapped.sum()


PROGRAMS: dict[str, tuple[Any, ...]] = {
    "every collective": (exchange_everything, ["i", ...], ([...], ["i", ...]), (jnp.ones((8, 5)),)),
    "a training step": (
        train,
        (WEIGHTS_AXES, ["batch", "inputs"]),
        {"loss": {}, "updated": WEIGHTS_AXES},
        (WEIGHTS, IMAGES),
    ),
    "halves and integers": (
        lambda x, n: (lax.psum(x, "i"), lax.pmin(n, "i")),
        (["i", ...], ["i", ...]),
        [...],
        (jnp.ones((8, 7), jnp.bfloat16), jnp.ones((8, 3, 5), jnp.int8)),
    ),
    "groups": (
        lambda x: lax.psum(x, "i", axis_index_groups=[[0, 4], [1, 5], [2, 6], [3, 7]]),
        ["i", ...],
        ["i", ...],
        (jnp.ones((8, 5)),),
    ),
}


@pytest.mark.parametrize("resources", ["x", ("x", "y"), "y"], ids=str)
@pytest.mark.parametrize("program", PROGRAMS)
def test_exchanges_are_the_collectives_of_the_lowered_program(scope, program, resources):
    function, in_axes, out_axes, arguments = PROGRAMS[program]
    with scope(x=2, y=4):
        axis = "batch" if function is train else "i"
        mapped = xmap(function, in_axes, out_axes, axis_resources={axis: resources})
        exchanges = explain(mapped, *arguments).exchanges
        lowered = collectives_in(mapped.lower(*arguments).as_text())
    told = [(one.kind, one.devices, one.bytes_per_device) for one in exchanges]
    in_pairs = "collective-permute"
    assert Counter((kind, 0 if kind == in_pairs else devices, size) for kind, devices, size in told) == lowered
    assert told


_COLLECTIVE = re.compile(
    r'"stablehlo\.(all_reduce|all_gather|reduce_scatter|all_to_all|collective_permute)"'
    r".*?(?:replica_groups = dense<.*?> : tensor<\d+x(\d+)xi64>|source_target_pairs)"
    r".*?[)>] : \(tensor<([^>]*)>\)",
    re.DOTALL,
)
_BITS = {"i1": 8, "bf16": 16}


def collectives_in(lowered):
    """Kind, group size (0 for a permutation) and bytes of the operand of every collective in StableHLO."""
    return Counter(
        (kind.replace("_", "-"), int(devices or 0), operand_bytes(operand))
        for kind, devices, operand in _COLLECTIVE.findall(lowered)
    )


def operand_bytes(operand):
    """That of ``2x5xf32``."""
    *dims, element = operand.split("x")
    return prod(map(int, dims)) * (_BITS.get(element) or int(element[1:])) // 8


def test_what_a_ring_of_devices_moves():
    moved = {
        kind: Exchange(kind, "", ("x",), 4, 400, 1).bytes_moved
        for kind in ("all-reduce", "all-gather", "reduce-scatter", "all-to-all", "collective-permute")
    }
    assert moved == {
        "all-reduce": 600,
        "all-gather": 1200,
        "reduce-scatter": 300,
        "all-to-all": 300,
        "collective-permute": 400,
    }


def test_the_table(scope, place):
    def function(x, y):
        total = lax.psum(x, "i")
        return total * y

    arguments = jnp.ones(8), jnp.ones((3, 1000))
    with scope(x=4, y=2):
        mapped = xmap(function, (["i"], ["j", ...]), ["j", ...], axis_resources={"i": "x"})
        text = str(explain(mapped, *arguments))
    total, product = (place(function, line) for line in ("lax.psum", "total * y"))
    assert re.sub(r"(:\d+):\d+ \(.*\)", r"\1", text).splitlines() == [
        "value       type                    partitioned over  replicated over  bytes per device  line",
        "argument 0  f32[(), {'i': 8}]       x                 y                               8",
        "argument 1  f32[(1000,), {'j': 3}]                    x, y                       12,000",
        f"psum        f32[()]                                   x, y                            4  {total}",
        f"mul         f32[(1000,), {{'j': 3}}]                    x, y                       12,000  {product}",
        "result      f32[(1000,), {'j': 3}]                    x, y                       12,000",
        "",
        "collective  over  devices  bytes per device  bytes moved  times  line",
        f"all-reduce  x           4                 4            6      1  {total}",
    ]


def test_serial_loops(scope):
    def function(x, y):
        return lax.psum(jnp.sin(x), "j") * y

    with scope(x=4), serial_loop("steps", 3):
        resources = {"i": "steps", "j": "x", "k": SerialLoop(2)}
        mapped = xmap(function, (["i", "j"], ["k"]), ["i", "k"], axis_resources=resources)
        explanation = explain(mapped, jnp.ones((6, 8)), jnp.ones(10))
    sin = next(value for value in explanation.values if value.made_by == "sin")
    result = explanation.values[-1]
    assert (sin.bytes_per_device, sin.partitioned, list(map(str, sin.replicated))) == (
        (6 // 3) * (8 // 4) * 4,
        ("x", "steps"),
        ["SerialLoop(2)"],
    )
    assert (result.bytes_per_device, list(map(str, result.partitioned)), result.replicated) == (
        (6 // 3) * (10 // 2) * 4,
        ["steps", "SerialLoop(2)"],
        ("x",),
    )
    assert [(one.bytes_per_device, one.times) for one in explanation.exchanges] == [((6 // 3) * 4, 3 * 2)]


def test_how_often_something_is_exchanged(scope):
    def function(x):
        scanned, _ = lax.scan(lambda carry, _: (carry + lax.psum(carry * x, "i"), None), 0.0, None, length=5)
        return lax.while_loop(lambda y: y < 9, lambda y: y + lax.pmax(x, "i"), scanned)

    with scope(x=4):
        mapped = xmap(function, ["i"], [], axis_resources={"i": "x"})
        assert [one.times for one in explain(mapped, jnp.ones(8)).exchanges] == [5, None]


def test_a_program_is_explained_with_its_gradient_and_as_often_as_one_likes(scope):
    with scope(x=4):
        mapped = xmap(predict, (WEIGHTS_AXES, ["batch", "inputs"]), ["batch", ...], axis_resources={"batch": "x"})
        mapped(WEIGHTS, IMAGES)
        forward = explain(mapped, WEIGHTS, IMAGES)
        gradient = explain(jax.grad(lambda weights: mapped(weights, IMAGES).sum()), WEIGHTS)
        types = jax.tree.map(lambda x: jax.ShapeDtypeStruct(x.shape, x.dtype), (WEIGHTS, IMAGES))
        assert explain(mapped, *types) == forward == explain(mapped, WEIGHTS, IMAGES)
    assert forward.exchanges == ()
    assert sorted(one.bytes_per_device for one in gradient.exchanges) == [8 * 3 * 4, 6 * 8 * 4]
    assert bytes_of(gradient.values, "argument") == bytes_of(forward.values, "argument")


def test_values_inside_library_functions_and_nested_ones_have_lines_of_the_program(place):
    def function(x):
        inner = xmap(lambda y: y + x, ["j"], ["j"])(jnp.ones(3))
        return inner * jax.random.normal(jax.random.key(0))

    explanation = explain(xmap(function, ["i"], ["i", ...]), jnp.ones(8))
    nested, drawn = (place(function, line) for line in ("y + x", "jax.random"))
    made = [(value.made_by, str(value.type), value.place.rsplit(":", 1)[0]) for value in explanation.values[1:-1]]
    assert ("add", "f32[(3,), {'i': 8}]", nested) in made
    assert {where for _, _, where in made} == {nested, drawn}


def test_a_program_without_mapped_functions_has_no_values():
    explanation = explain(jnp.sin, 1.0)
    assert (explanation.values, explanation.exchanges) == ((), ())
    assert str(explanation).startswith("value  type")
