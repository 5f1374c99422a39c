"""Programs of the time of jax.experimental.maps run once their imports are changed, and compute what they did."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import named_types.runtime
from named_types.analyzer import check_source
from named_types.runtime import maps

PAGE = Path(__file__).with_name("old_programs.md").read_text(encoding="utf-8")
OLD_PROGRAMS = dict(re.findall(r"^## ([^\n]*)\n.*?^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))
IMPORTS = {
    "from jax.experimental.maps import": "from named_types.runtime.maps import",
    "from jax import lax": "from named_types.runtime import lax",
}


def migrated(name: str) -> str:
    """A program with other imports."""
    source: str = OLD_PROGRAMS[name]
    for old, new in IMPORTS.items():
        assert old in source
        source = source.replace(old, new)
    return source


def run(name: str, *arguments: Any) -> Any:
    """The results of a program that has other imports."""
    namespace: dict[str, Any] = {}
    exec(compile(migrated(name), f"{name}.py", "exec"), namespace)
    return namespace["run"](*arguments)


def draw(seed: int, *shapes: tuple[int, ...]) -> list[np.ndarray]:
    random = np.random.default_rng(seed)
    return [random.normal(size=shape).astype(np.float32) for shape in shapes]


def assert_same(results: Any, expected: Any) -> None:
    jax.tree.map(lambda one, other: np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5), results, expected)


def test_a_sharded_network():
    w1, b1, w2, b2, x = draw(0, (6, 10), (10,), (10, 5), (5,), (16, 6))
    params, labels = [(w1, b1), (w2, b2)], np.arange(16) % 5

    def predict(params, x):
        (w1, b1), (w2, b2) = params
        return jax.nn.relu(x @ w1 + b1) @ w2 + b2

    def loss(params):
        return -jax.nn.log_softmax(predict(params, x))[jnp.arange(16), labels].mean()

    expected = predict(params, x), jax.value_and_grad(loss)(params)
    assert_same(run("A sharded network", params, x, labels), expected)


@pytest.mark.filterwarnings("ignore:.with mesh")
def test_a_data_parallel_training_step():
    w1, b1, w2, images = draw(1, (6, 10), (10,), (10, 4), (24, 6))
    params, labels = {"w1": w1, "b1": b1, "w2": w2}, np.arange(24) % 4
    optimizer = optax.adam(1e-2)

    def loss(params):
        logits = jnp.tanh(images @ params["w1"] + params["b1"]) @ params["w2"]
        return -jax.nn.log_softmax(logits)[jnp.arange(24), labels].mean()

    trained, state, losses = params, optimizer.init(params), []
    for _ in range(3):
        value, gradient = jax.value_and_grad(loss)(trained)
        updates, state = optimizer.update(gradient, state, trained)
        trained = optax.apply_updates(trained, updates)
        losses.append(value)
    assert_same(run("A data-parallel training step", params, images, labels), (trained, jnp.stack(losses)))


def test_a_pipeline_of_nested_maps():
    *weights, x = draw(2, (6, 6), (6, 6), (6, 6), (3, 8, 6))

    def network(weights):
        outputs = x
        for w in weights:
            outputs = jnp.tanh(outputs @ w.T) + outputs
        return outputs

    expected = network(weights), jax.grad(lambda weights: jnp.sum(network(weights) ** 2))(weights)
    assert_same(run("A pipeline of nested maps", weights, x), expected)


@pytest.mark.parametrize("name", OLD_PROGRAMS)
def test_the_checker_finds_what_was_removed_and_nothing_once_imports_are_changed(name):
    removed = check_source("old.py", OLD_PROGRAMS[name])
    assert {diagnostic.problem.code for diagnostic in removed} == {"removed-api"}
    assert check_source("new.py", migrated(name)) == ()


CALL = """
with mesh(np.array(jax.devices()).reshape((4, 2)), ("data", "model")), serial_loop("time", 2):
    reveal_type(pipeline([jnp.ones((6, 6))], jnp.ones((size, 8, 6))))
"""


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (4, ['revealed type is "f32[(4, 8, 6)]"']),
        (
            3,
            [
                'revealed type is "f32[(3, 8, 6)]"',
                "axis 'microbatch' of size 3 is mapped to 'time' (size 2): 3 is not divisible by 2",
            ],
        ),
    ],
)
def test_the_checker_knows_what_comes_from_the_module(size, expected):
    source = migrated("A pipeline of nested maps") + f"size = {size}\n" + CALL
    assert [diagnostic.problem.message for diagnostic in check_source("new.py", source)] == expected


@pytest.mark.parametrize("resources", [{}, {"i": "x"}, {"i": ("y", "x")}, {"i": maps.SerialLoop(2)}], ids=str)
def test_random_numbers_of_the_time_are_had_by_jaxs_setting(scope, resources):
    def draw(x):
        return x + jax.random.normal(jax.random.PRNGKey(0), (1,))

    with scope(x=4, y=2), jax.threefry_partitionable(False):
        drawn = maps.xmap(draw, ["i", ...], ["i", ...], axis_resources=resources)(jnp.zeros((8, 1)))
        assert_same(drawn, jnp.full((8, 1), draw(0.0)))
    assert drawn[0, 0] == pytest.approx(FIRST_NORMAL_OF_THE_TIME)


FIRST_NORMAL_OF_THE_TIME = -0.20584226
"""What JAX's documentation of 2021 says that ``random.normal(random.PRNGKey(0), (1,))`` is."""


def test_every_name_is_that_of_the_runtime():
    assert {getattr(maps, name) is getattr(named_types.runtime, name) for name in maps.__all__} == {True}
