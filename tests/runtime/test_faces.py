"""The faces: JAX's functions, with named axes wherever positional ones go."""

from __future__ import annotations

import enum
import subprocess
import sys
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from named_types import runtime
from named_types.runtime import lax, nn, xmap
from named_types.runtime import numpy as named_jnp

X = jax.random.normal(jax.random.key(0), (8, 4, 6))


class Axis(enum.Enum):
    LAYERS = 1


AXES = {0: "a", 2: "b"}
SPREAD: list[tuple[dict[str, int], dict[str, Any]]] = [
    ({"x": 8}, {"a": "x"}),
    ({"x": 4, "y": 2}, {"a": "x", "b": "y"}),
    ({"x": 2, "y": 2}, {"a": ("y", "x")}),
]


@pytest.mark.parametrize("name", ["sum", "mean", "max", "min"])
@pytest.mark.parametrize(
    ("axis", "positions", "out_axes"),
    [
        ("a", 0, {1: "b"}),
        (("a",), 0, {1: "b"}),
        (("a", "b"), (0, 2), {}),
        ((0, "b"), (1, 2), ["a"]),
        ((-1, "b", "a"), (0, 1, 2), {}),
        (0, 1, ["a", "b"]),
        (None, 1, ["a", "b"]),
    ],
)
def test_reductions(same_everywhere, name, axis, positions, out_axes):
    result = same_everywhere(lambda x: getattr(named_jnp, name)(x, axis), AXES, out_axes, (X,), SPREAD)
    np.testing.assert_allclose(result, getattr(jnp, name)(X, positions), rtol=1e-4, atol=1e-5)


def test_a_bare_string_is_one_name_and_jax_reads_letters():
    ours = xmap(lambda x: named_jnp.sum(x, "ab"), ({0: "ab"},), {})(X)
    np.testing.assert_allclose(ours, X.sum(0), rtol=1e-5, atol=1e-5)
    with pytest.raises(runtime.NamedAxisError, match="axis 'a' is unbound"):
        xmap(lambda x: jnp.sum(x, "ab"), ({0: "ab"},), {})(X)


def test_names_need_not_be_strings(same_everywhere):
    layers = Axis.LAYERS

    def function(x):
        assert runtime.named_shape(x) == {layers: 8}
        return lax.pmean(x, layers), lax.pdot(x, x, layers)

    mean, squares = same_everywhere(function, {0: layers}, {}, (X[..., 0],), [({"x": 4}, {layers: "x"})])
    np.testing.assert_allclose(mean, X[..., 0].mean(0), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(squares, np.einsum("kn,km->nm", X[..., 0], X[..., 0]), rtol=1e-4, atol=1e-5)


def test_each_instance_of_an_axis_the_value_lacks_counts(same_everywhere):
    def function(x):
        y = named_jnp.sum(x, "b")
        return named_jnp.sum(y, "b"), named_jnp.mean(y, "b"), named_jnp.max(y, "b")

    total, mean, largest = same_everywhere(function, AXES, ["a", ...], (X,), SPREAD)
    np.testing.assert_allclose(total, 6 * X.sum(2), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(mean, X.sum(2), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(largest, X.sum(2), rtol=1e-4, atol=1e-5)


def test_options_of_reductions(same_everywhere):
    def function(x):
        kept = named_jnp.sum(x, axis=(0, "a"), keepdims=True, dtype=jnp.complex64)
        masked = named_jnp.sum(x, axis=(0, "a"), where=x > 0, initial=None)
        return kept, masked

    kept, masked = same_everywhere(function, AXES, ({1: "b"}, {0: "b"}), (X,), SPREAD[:1])
    assert (kept.dtype, kept.shape) == (jnp.complex64, (1, 6))
    np.testing.assert_allclose(masked, jnp.where(X > 0, X, 0).sum((0, 1)), rtol=1e-4)


def test_logsumexp_and_its_gradient(scope):
    def function(x):
        return nn.logsumexp(x, axis=(0, "a"))

    expected = jax.grad(lambda x: jax.nn.logsumexp(x, axis=(0, 1)).sum())(X)
    for shape, resources in [({}, {}), SPREAD[1]]:
        mapped = xmap(function, AXES, ["b"], axis_resources=resources)
        with scope(**shape):
            np.testing.assert_allclose(mapped(X), jax.nn.logsumexp(X, axis=(0, 1)), rtol=1e-5)
            gradient = jax.grad(lambda x: mapped(x).sum())(X)  # noqa: B023
        np.testing.assert_allclose(gradient, expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(("named", "positional"), [("pmax", jnp.max), ("pmin", jnp.min)])
def test_gradient_of_the_extremes_with_ties(scope, named, positional):
    x = jnp.array([1.0, 3.0, 3.0, 0.0, 0.0, 2.0, 3.0, 0.0])
    expected = jax.grad(lambda x: positional(x) ** 2)(x)
    for shape, resources in [({}, {}), ({"x": 8}, {"a": "x"}), ({"x": 2}, {"a": "x"})]:
        mapped = xmap(lambda x: getattr(lax, named)(x, "a"), ["a"], {}, axis_resources=resources)
        with scope(**shape):
            np.testing.assert_allclose(jax.grad(lambda x: mapped(x) ** 2)(x), expected)  # noqa: B023
        inside = xmap(lambda x: jax.grad(lambda y: getattr(lax, named)(y, "a") ** 2)(x), ["a"], ["a"])(x)
        np.testing.assert_allclose(inside, 8 * expected)


def test_one_hot_along_a_named_axis(same_everywhere):
    labels = jnp.array([2, 0, 3])

    def function(labels):
        return nn.one_hot(labels, lax.psum(1, "classes"), axis="classes")

    options = {"axis_sizes": {"classes": 4}}
    result = same_everywhere(function, {}, {1: "classes"}, (labels,), [({"x": 4}, {"classes": "x"})], **options)
    np.testing.assert_array_equal(result, jax.nn.one_hot(labels, 4))


def test_everything_else_is_jaxs_own_object():
    assert named_jnp.linalg.svd is jnp.linalg.svd
    assert named_jnp.float32 is jnp.float32
    assert lax.scan is jax.lax.scan
    assert nn.gelu is jax.nn.gelu
    for face, library in ((named_jnp, jnp), (lax, jax.lax), (nn, jax.nn)):
        assert {name for name in dir(library) if not name.startswith("_")} <= set(dir(face))
        with pytest.raises(AttributeError):
            face.no_such_function  # noqa: B018


def test_jaxs_internals_are_used_in_one_module():
    sources = Path(runtime.__file__).parent.rglob("*.py")
    assert [source.name for source in sources if "jax._src" in source.read_text()] == ["internals.py"]


def test_the_runtime_loads_neither_the_analyzer_nor_libcst():
    program = (
        "import sys, named_types.runtime, named_types.runtime.numpy\n"
        "print([name for name in sys.modules if name.startswith(('libcst', 'mypy', 'named_types.analyzer'))])"
    )
    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == "[]"
