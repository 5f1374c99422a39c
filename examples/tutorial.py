"""Named axes and easy-to-revise parallelism: every program of the tutorial, with its types, run and compared.

Each function below is one program of docs/tutorial.md. It asserts that the named program computes what the
positional one does, and returns a line about what it shows. Programs that are wrong are shown as such: they raise
`NamedAxisError`, and without the `try` around them the checker reports them too.

Programs from the time when JAX had `xmap` need one change: replace

    from jax.experimental.maps import xmap, mesh
    from jax import lax

by

    from named_types.runtime import lax, mesh, xmap
"""

import os

os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["XLA_FLAGS"] = "--xla_force_host_platform_device_count=8"

from collections.abc import Callable
from functools import partial

import jax
import numpy as np
from jax import Array
from jax.nn import relu
from jax.scipy.linalg import expm_frechet

from named_types import f32, i32
from named_types.runtime import NamedAxisError, lax, mesh, named_shape, xmap
from named_types.runtime import numpy as jnp
from named_types.runtime.nn import logsumexp, one_hot

GENERATOR = np.random.default_rng(seed=0)


def drawn(*shape: int) -> Array:
    """Random numbers: programs that differ give results that differ."""
    return jnp.asarray(GENERATOR.standard_normal(shape, dtype=np.float32))


def caught(error: NamedAxisError, code: str) -> str:
    assert error.problem.code == code
    return f"caught: {error.problem}"


# From positions to names: a small neural network.


def predict(w1: f32[(784, 512)], w2: f32[(512, 10)], images: f32[("n", 784)]) -> f32[("n", 10)]:
    hiddens: f32[("n", 512)] = relu(jnp.dot(images, w1))
    logits: f32[("n", 10)] = jnp.dot(hiddens, w2)
    return logits - logsumexp(logits, axis=1, keepdims=True)


def loss(w1: f32[(784, 512)], w2: f32[(512, 10)], images: f32[("n", 784)], labels: i32[("n",)]) -> f32[()]:
    predictions = predict(w1, w2, images)
    targets = one_hot(labels, predictions.shape[-1])
    losses: f32[("n",)] = jnp.sum(targets * predictions, axis=1)
    return -jnp.mean(losses, axis=0)


def named_predict(
    w1: f32[(), {"inputs": 784, "hidden": 512}],
    w2: f32[(), {"hidden": 512, "classes": 10}],
    image: f32[(), {"inputs": 784}],
) -> f32[(), {"classes": 10}]:
    """Written for one image: where it is called, the images have a batch axis too."""
    hidden: f32[(), {"hidden": 512}] = relu(lax.pdot(image, w1, "inputs"))
    logits: f32[(), {"classes": 10}] = lax.pdot(hidden, w2, "hidden")
    return logits - logsumexp(logits, "classes")


def named_loss(
    w1: f32[(), {"inputs": 784, "hidden": 512}],
    w2: f32[(), {"hidden": 512, "classes": 10}],
    images: f32[(), {"batch": 128, "inputs": 784}],
    labels: i32[(), {"batch": 128}],
) -> f32[()]:
    predictions: f32[(), {"batch": 128, "classes": 10}] = named_predict(w1, w2, images)
    num_classes = lax.psum(1, "classes")
    targets = one_hot(labels, num_classes, axis="classes")
    losses: f32[(), {"batch": 128}] = lax.psum(targets * predictions, "classes")
    return -lax.pmean(losses, "batch")


def network() -> str:
    """One function, and four ways to spread it over devices, of which none changes what it computes."""
    w1: f32[(784, 512)] = 0.05 * drawn(784, 512)
    w2: f32[(512, 10)] = 0.05 * drawn(512, 10)
    images: f32[(128, 784)] = drawn(128, 784)
    labels: i32[(128,)] = jnp.arange(128) % 10
    positional: f32[()] = loss(w1, w2, images, labels)

    in_axes = [["inputs", "hidden", ...], ["hidden", "classes", ...], ["batch", "inputs", ...], ["batch", ...]]
    local_loss = xmap(named_loss, in_axes=in_axes, out_axes=[...])
    by_batch = xmap(named_loss, in_axes=in_axes, out_axes=[...], axis_resources={"batch": "x"})
    by_hidden = xmap(named_loss, in_axes=in_axes, out_axes=[...], axis_resources={"hidden": "x"})
    by_both = xmap(named_loss, in_axes=in_axes, out_axes=[...], axis_resources={"batch": "x", "hidden": "y"})

    devices = np.array(jax.local_devices())
    losses: list[f32[()]] = [local_loss(w1, w2, images, labels)]
    with mesh(devices, ("x",)):
        losses += [by_batch(w1, w2, images, labels), by_hidden(w1, w2, images, labels)]
    with mesh(devices.reshape((4, 2)), ("x", "y")):
        losses += [by_both(w1, w2, images, labels)]
    np.testing.assert_allclose(np.array(losses), positional, rtol=1e-5)
    return f"loss {positional:.4f} by position, by name, over batch, over hidden, and over both"


# Arrays with types.


def typed_numpy() -> str:
    """A type is an element type and a shape; operations on values are operations on types."""
    x: f32[(2, 3)] = np.ones((2, 3), dtype=np.float32)
    y: f32[(3, 5)] = np.ones((3, 5), dtype=np.float32)
    z: f32[(2, 5)] = x.dot(y)
    w: f32[(7, 1, 5)] = np.ones((7, 1, 5), dtype=np.float32)
    q: f32[(7, 2, 5)] = z + w
    assert q.shape == (7, 2, 5)
    return f"matrix product {z.shape}, broadcast {q.shape}"


def my_func(x: f32[(5,), {"batch": 20}]) -> f32[(5,), {"batch": 20}]:
    assert x.shape == (5,)
    assert named_shape(x) == {"batch": 20}
    return x


def introduce_and_eliminate() -> str:
    """in_axes give a position a name, out_axes give the name a position."""
    x: f32[(20, 5)] = jnp.arange(100, dtype=jnp.float32).reshape((20, 5))
    f = xmap(my_func, in_axes={0: "batch"}, out_axes={1: "batch"})
    y: f32[(5, 20)] = f(x)
    assert (y == x.T).all()
    return f"{x.shape} to {y.shape} through f32[(5,), {{'batch': 20}}]"


def one_name_one_size() -> str:
    """An axis name has one size, in xmap as in einsum."""
    five, seven = jnp.arange(5), jnp.arange(7)
    try:
        jnp.einsum("i,i->i", five, seven)
    except ValueError:
        pass
    else:
        raise AssertionError("einsum takes sizes 5 and 7 for one letter")
    try:
        xmap(lambda x, y: x * y, in_axes=(["i", ...], ["i", ...]), out_axes=["i", ...])(five, seven)
    except NamedAxisError as error:
        return caught(error, "axis-size-conflict")
    raise AssertionError("xmap takes sizes 5 and 7 for one name")


# How names propagate.

frechet = partial(expm_frechet, compute_expm=False)
one_pair = jax.jit(frechet)


def batched_each_with_each() -> str:
    """A function that knows of no names is mapped over those of its arguments."""
    batch_a: f32[(5, 3, 3)] = drawn(5, 3, 3)
    batch_e: f32[(5, 3, 3)] = drawn(5, 3, 3)
    batch_ae: f32[(5, 3, 3)] = xmap(frechet, in_axes=(["b", ...], ["b", ...]), out_axes=["b", ...])(batch_a, batch_e)
    for i in range(5):
        np.testing.assert_allclose(batch_ae[i], one_pair(batch_a[i], batch_e[i]), rtol=1e-4, atol=1e-4)
    return f"expm_frechet of 5 pairs: {batch_ae.shape}"


def batched_all_pairs() -> str:
    """With two names instead of one, the same call computes all pairs."""
    batch_a: f32[(7, 3, 3)] = drawn(7, 3, 3)
    batch_e: f32[(5, 3, 3)] = drawn(5, 3, 3)
    all_pairs = xmap(frechet, in_axes=(["ba", ...], ["be", ...]), out_axes=["ba", "be", ...])
    batch_ae: f32[(7, 5, 3, 3)] = all_pairs(batch_a, batch_e)
    for i in range(7):
        for j in range(5):
            np.testing.assert_allclose(batch_ae[i, j], one_pair(batch_a[i], batch_e[j]), rtol=1e-4, atol=1e-4)
    return f"expm_frechet of 7 times 5 pairs: {batch_ae.shape}"


def named_broadcasting(
    x: f32[(2, 1, 1), {"a": 2}], y: f32[(1, 3, 1), {"b": 3}], z: f32[(1, 1, 5), {"c": 5}]
) -> f32[(2, 3, 5), {"a": 2, "b": 3, "c": 5}]:
    i: f32[(2, 3, 1), {"a": 2, "b": 3}] = x + y
    j: f32[(1, 3, 5), {"b": 3, "c": 5}] = y + z
    k: f32[(2, 3, 5), {"a": 2, "b": 3, "c": 5}] = i + j
    return k


def broadcasting() -> str:
    """Positions broadcast as in NumPy, names by being the same."""
    x: f32[(2, 2, 1, 1)] = drawn(2, 2, 1, 1)
    y: f32[(3, 1, 3, 1)] = drawn(3, 1, 3, 1)
    z: f32[(5, 1, 1, 5)] = drawn(5, 1, 1, 5)
    mapped = xmap(named_broadcasting, in_axes=(["a", ...], ["b", ...], ["c", ...]), out_axes=["a", "b", "c", ...])
    k: f32[(2, 3, 5, 2, 3, 5)] = mapped(x, y, z)
    x_, y_, z_ = x[:, None, None], y[None, :, None], z[None, None, :]
    np.testing.assert_allclose(k, (x_ + y_) + (y_ + z_), rtol=1e-6)
    return f"{{'a'}} with {{'b'}} with {{'c'}}: {k.shape}"


def named_broadcast_and_reduce(x: f32[(), {"x": 2}], y: f32[(5,), {"y": 4}]) -> f32[()]:
    z: f32[(5,), {"x": 2, "y": 4}] = x + y
    w: f32[()] = jnp.sum(z, axis=(0, "x", "y"))
    return w


def reduce_in_three_steps(x: f32[(), {"x": 2}], y: f32[(5,), {"y": 4}]) -> f32[()]:
    z: f32[(5,), {"x": 2, "y": 4}] = x + y
    w0: f32[(), {"x": 2, "y": 4}] = jnp.sum(z, 0)
    w0x: f32[(), {"y": 4}] = jnp.sum(w0, "x")
    w: f32[()] = jnp.sum(w0x, "y")
    return w


def reductions() -> str:
    """A reduction takes positions and names alike, at once or one after the other."""
    x: f32[(2,)] = jnp.arange(2, dtype=jnp.float32)
    y: f32[(5, 4)] = jnp.arange(20, dtype=jnp.float32).reshape((5, 4))
    in_axes = ({0: "x"}, {1: "y"})
    at_once: Callable[[f32[(2,)], f32[(5, 4)]], f32[()]] = xmap(named_broadcast_and_reduce, in_axes, out_axes={})
    in_steps: Callable[[f32[(2,)], f32[(5, 4)]], f32[()]] = xmap(reduce_in_three_steps, in_axes, out_axes={})
    positional: f32[()] = (x[None, :, None] + y[:, None, :]).sum()
    assert at_once(x, y) == positional
    assert in_steps(x, y) == positional
    return f"sum over (0, 'x', 'y') is {positional:.0f}, in one step and in three"


def named_batch_matrix_single_matrix(
    x: f32[(5,), {"b": 20, "k": 7}], y: f32[(), {"k": 7, "m": 11}]
) -> f32[(5,), {"b": 20, "m": 11}]:
    return jnp.einsum("n{b,k},{k,m}->n{b,m}", x, y)


def named_einsum() -> str:
    """Letters are positions, names stand in braces, and what the result lacks is summed over."""
    x: f32[(20, 5, 7)] = drawn(20, 5, 7)
    y: f32[(7, 11)] = drawn(7, 11)
    z: f32[(20, 5, 11)] = jnp.einsum("bnk,km->bnm", x, y)
    in_axes = ({0: "b", 2: "k"}, ["k", "m", ...])
    zx: f32[(20, 5, 11)] = xmap(named_batch_matrix_single_matrix, in_axes, out_axes={0: "b", 2: "m"})(x, y)
    np.testing.assert_allclose(zx, z, rtol=1e-4, atol=1e-5)
    return f"'n{{b,k}},{{k,m}}->n{{b,m}}' is 'bnk,km->bnm': {zx.shape}"


def letters_are_not_names() -> str:
    """`n` is a letter of the einsum, hence a position: out_axes cannot mention it."""
    in_axes = ({0: "b", 2: "k"}, ["k", "m", ...])
    try:
        xmap(named_batch_matrix_single_matrix, in_axes, out_axes=["b", "n", "m", ...])
    except NamedAxisError as error:
        return caught(error, "unbound-axis-name")
    raise AssertionError("out_axes mentions an axis that does not exist")


def collective() -> str:
    """A collective moves data along a name."""
    x: i32[(8,)] = jnp.arange(8)
    backwards = list(reversed(range(8)))
    turned: i32[(8,)] = xmap(lambda x: lax.pshuffle(x, "i", backwards), in_axes=["i", ...], out_axes=["i", ...])(x)
    assert (turned == x[::-1]).all()
    return f"pshuffle: {turned}"


# Parallelism.

local_matmul = xmap(jnp.vdot, in_axes=({0: "left"}, {1: "right"}), out_axes=["left", "right", ...])
distr_matmul = xmap(
    jnp.vdot,
    in_axes=({0: "left"}, {1: "right"}),
    out_axes=["left", "right", ...],
    axis_resources={"left": "x", "right": "y"},
)


def matmul() -> str:
    """A matrix product is a dot product of two vectors, mapped over rows and columns."""
    x: f32[(2048, 2048)] = drawn(2048, 2048)
    local: f32[(2048, 2048)] = local_matmul(x, x)
    mesh_devices, axis_names = np.array(jax.devices()).reshape((2, 4)), ("x", "y")
    with mesh(mesh_devices, axis_names):
        distr: f32[(2048, 2048)] = distr_matmul(x, x)
    np.testing.assert_allclose(local, x @ x, rtol=1e-3, atol=1e-2)
    np.testing.assert_allclose(distr, local, rtol=1e-3, atol=1e-2)
    return f"vdot as a matrix product on one device, and in chunks of {_chunk(distr)} on eight"


def missing_resource() -> str:
    """Resources come from the mesh in scope; here there is none."""
    x: f32[(2048, 2048)] = jnp.ones((2048, 2048))
    try:
        distr_matmul(x, x)
    except NamedAxisError as error:
        return caught(error, "unknown-resource")
    raise AssertionError("there is no mesh")


def four_partitionings(
    replicated: f32[(5, 5), {}],
    over_x: f32[(6,), {"a": 8}],
    over_x_too: f32[(), {"a": 8, "c": 7}],
    over_both: f32[(), {"a": 8, "b": 12}],
) -> tuple[f32[(5, 5)], f32[(6,), {"a": 8}], f32[(), {"a": 8, "c": 7}], f32[(), {"a": 8, "b": 12}]]:
    return replicated, over_x, over_x_too, over_both


def partitioned_or_replicated() -> str:
    """A value is partitioned over a mesh axis exactly if its type has an axis that is mapped to it."""
    axes = ([...], ["a", ...], ["a", "c", ...], ["a", "b", ...])
    mapped = xmap(four_partitionings, in_axes=axes, out_axes=axes, axis_resources={"a": "x", "b": "y"})
    with mesh(np.array(jax.devices()[:6]).reshape((2, 3)), ("x", "y")):
        results = mapped(jnp.ones((5, 5)), jnp.ones((8, 6)), jnp.ones((8, 7)), jnp.ones((8, 12)))
    chunks = [_chunk(result) for result in results]
    assert chunks == [(5, 5), (4, 6), (4, 7), (4, 4)]
    return f"on a 2x3 mesh each device has chunks of {chunks}"


def sum_two_args(x: f32[(), {"a": 4}], y: f32[(), {"b": 12}]) -> f32[()]:
    return jnp.sum(x, axis="a") + jnp.sum(y, axis="b")


def shared_resource() -> str:
    """Two axes may share a resource as long as no value has both."""
    q: f32[(4,)] = jnp.arange(4, dtype=jnp.float32)
    u: f32[(12,)] = jnp.arange(12, dtype=jnp.float32)
    resources = {"a": "x", "b": "x"}
    summed = xmap(sum_two_args, in_axes=(["a", ...], ["b", ...]), out_axes=[...], axis_resources=resources)
    with mesh(np.array(jax.devices()[:4]), ("x",)):
        v: f32[()] = summed(q, u)
    assert v == q.sum() + u.sum()
    return f"'a' and 'b' are both mapped to 'x' and do not meet: {v:.0f}"


def resource_conflict() -> str:
    """Adding before reducing makes a value with both axes: four times four chunks on four devices."""

    def add_first(x: f32[(), {"a": 4}], y: f32[(), {"b": 12}]) -> f32[()]:
        z: f32[(), {"a": 4, "b": 12}] = x + y
        return jnp.sum(z, axis=("a", "b"))

    q: f32[(4,)] = jnp.ones((4,))
    u: f32[(12,)] = jnp.ones((12,))
    with mesh(np.array(jax.devices()[:4]), ("x",)):
        try:
            resources = {"a": "x", "b": "x"}
            xmap(add_first, in_axes=(["a", ...], ["b", ...]), out_axes=[...], axis_resources=resources)(q, u)
        except NamedAxisError as error:
            return caught(error, "resource-conflict")
    raise AssertionError("'a' and 'b' meet in one value")


def _chunk(array: Array) -> tuple[int, ...]:
    """The shape of the part of an array that each device holds."""
    return array.sharding.shard_shape(array.shape)


PROGRAMS: tuple[Callable[[], str], ...] = (
    network,
    typed_numpy,
    introduce_and_eliminate,
    one_name_one_size,
    batched_each_with_each,
    batched_all_pairs,
    broadcasting,
    reductions,
    named_einsum,
    letters_are_not_names,
    collective,
    matmul,
    missing_resource,
    partitioned_or_replicated,
    shared_resource,
    resource_conflict,
)


def main() -> None:
    for program in PROGRAMS:
        print(f"{program.__name__:>25}  {program()}")


if __name__ == "__main__":
    main()
