"""What is said about representative faults, whole: the source, the types at their places, the note and the help."""

from __future__ import annotations

from inspect import cleandoc

import click
import pytest

from named_types.analyzer import check_source
from named_types.diagnostics.full import render_full

IMPORTS = "import jax\nimport jax.numpy as jnp\nfrom jax import lax\n"

MESSAGES = {
    "a product of matrices": (
        """
        x, w = jnp.ones((32, 784)), jnp.ones((512, 784))
        h = x @ w
        """,
        """
        program.py:5:5: error[invalid-operation]: cannot compute f32[(32, 784)] @ f32[(512, 784)]: the axes that are summed over have sizes 784 and 512
            5 | h = x @ w
              |     ^^^^^
              |     - f32[(32, 784)]
              |         - f32[(512, 784)]
           note: JAX says: dot_general requires contracting dimensions to have the same shape, got (784,) and (512,).
           help: the second operand would fit transposed
        """,
    ),
    "broadcasting": (
        """
        total = jnp.ones((8, 3)) * jnp.ones(8)
        """,
        """
        program.py:4:9: error[invalid-operation]: cannot compute f32[(8, 3)] * f32[(8,)]: sizes 3 and 8 of axis -1 do not broadcast
            4 | total = jnp.ones((8, 3)) * jnp.ones(8)
              |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
              |         ---------------- f32[(8, 3)]
              |                            ----------- f32[(8,)]
           note: JAX says: Incompatible shapes for broadcasting: shapes=[(8, 3), (8,)]
           help: sizes that meet are equal, or one of them is 1
        """,
    ),
    "an axis that is not there": (
        """
        losses = jnp.ones(32)
        mean = losses.mean(axis=1)
        """,
        """
        program.py:5:8: error[invalid-operation]: cannot compute f32[(32,)].mean(axis=1): there is no axis 1, for there is 1 axis
            5 | mean = losses.mean(axis=1)
              |        ^^^^^^^^^^^^^^^^^^^
              |        ------ f32[(32,)]
           note: JAX says: tuple index out of range
        """,
    ),
    "an index too many": (
        """
        image = jnp.ones((32, 32))
        red = image[:, ::2, 0]
        """,
        """
        program.py:5:7: error[invalid-operation]: cannot compute f32[(32, 32)][:, ::2, 0]: 3 indices, but there are 2 axes
            5 | red = image[:, ::2, 0]
              |       ^^^^^^^^^^^^^^^^
              |       ----- f32[(32, 32)]
           note: JAX says: Too many indices: array is 2-dimensional, but 3 were indexed
        """,
    ),
    "an update": (
        """
        cache = jnp.zeros((16, 8))
        cache = cache.at[3].set(jnp.ones(16))
        """,
        """
        program.py:5:9: error[invalid-operation]: cannot compute f32[(16, 8)].at[3].set(f32[(16,)]): f32[(16,)] does not broadcast to f32[(8,)]
            5 | cache = cache.at[3].set(jnp.ones(16))
              |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
              |                         ------------ f32[(16,)]
           note: JAX says: Incompatible types for broadcasting: input type=float32[16] and requested type=float32[8]
        """,
    ),
    "an item": (
        """
        x = jnp.zeros(3)
        x[0] = 1.0
        """,
        """
        program.py:5:1: error[invalid-operation]: cannot compute f32[(3,)][...] = value: arrays of JAX do not change
            5 | x[0] = 1.0
              | ^^^^
              | - f32[(3,)]
           help: x.at[index].set(value) gives a changed copy
        """,
    ),
    "a reshape": (
        """
        flat = jnp.ones((16, 28, 28)).reshape(16, -1, 29)
        """,
        """
        program.py:4:8: error[invalid-operation]: cannot compute f32[(16, 28, 28)].reshape(16, -1, 29): 464 does not divide the 12544 entries
            4 | flat = jnp.ones((16, 28, 28)).reshape(16, -1, 29)
              |        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
              |        ---------------------- f32[(16, 28, 28)]
           note: JAX says: cannot reshape array of shape (16, 28, 28) (size 12544) into shape (16, -1, 29) because the product of specified axis sizes (464) does not evenly divide 12544
        """,
    ),
    "a carry": (
        """
        total, _ = lax.scan(lambda c, x: (c + x, None), jnp.zeros(()), jnp.ones((10, 2)))
        """,
        """
        program.py:4:12: error[invalid-operation]: cannot compute jax.lax.scan(<lambda>, f32[()], f32[(10, 2)]): the carry comes in as f32[()] and goes out as f32[(2,)]
            4 | total, _ = lax.scan(lambda c, x: (c + x, None), jnp.zeros(()), jnp.ones((10, 2)))
              |            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
              |                                                 ------------- f32[()]
              |                                                                ----------------- f32[(10, 2)]
           note: JAX says: scan body function carry input and carry output must have equal types, but they differ
           help: a loop keeps the types of what it carries
        """,
    ),
    "branches": (
        """
        x = jnp.ones(4)
        y = lax.cond(True, jnp.sin, jnp.sum, x)
        """,
        """
        program.py:5:5: error[invalid-operation]: cannot compute jax.lax.cond(True, function, function, f32[(4,)]): true_fun gives f32[(4,)] and false_fun gives f32[()]
            5 | y = lax.cond(True, jnp.sin, jnp.sum, x)
              |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
              |                                      - f32[(4,)]
           note: JAX says: cond branches must have equal output types but they differ.
           help: branches give results of the same types
        """,
    ),
    "a gradient": (
        """
        slope = jax.grad(lambda x: x**2)(jnp.ones(3))
        """,
        """
        program.py:4:9: error[invalid-operation]: cannot compute jax.grad(function)(f32[(3,)]): the function gives a result of shape (3,), and a gradient is that of a scalar
            4 | slope = jax.grad(lambda x: x**2)(jnp.ones(3))
              |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
              |                                  ----------- f32[(3,)]
           note: JAX says: Gradient only defined for scalar-output functions. Output had shape: (3,).
           help: reduce the result to a scalar, for instance to its mean
        """,
    ),
    "vmap": (
        """
        y = jax.vmap(jnp.dot, in_axes=(0, 1))(jnp.ones((4, 3)), jnp.ones((3, 5)))
        """,
        """
        program.py:4:5: error[invalid-operation]: cannot compute jax.vmap(function)(f32[(4, 3)], f32[(3, 5)]): the axes that are mapped over have sizes 4 and 5
            4 | y = jax.vmap(jnp.dot, in_axes=(0, 1))(jnp.ones((4, 3)), jnp.ones((3, 5)))
              |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
              |                                       ---------------- f32[(4, 3)]
              |                                                         ---------------- f32[(3, 5)]
           note: JAX says: vmap got inconsistent sizes for array axes to be mapped
        """,
    ),
    "a random key": (
        """
        x = jax.random.normal(0, (3,))
        """,
        """
        program.py:4:5: error[invalid-operation]: cannot compute jax.random.normal(0, (3,)): the first argument is no random key
            4 | x = jax.random.normal(0, (3,))
              |     ^^^^^^^^^^^^^^^^^^^^^^^^^^
           note: JAX says: JAX encountered invalid PRNG key data: expected key_data to have ndim, shape, and dtype attributes. Got 0
           help: make one with jax.random.key(seed)
        """,
    ),
    "element types": (
        """
        y = lax.mul(jnp.ones(3), jnp.arange(3))
        """,
        """
        program.py:4:5: error[invalid-operation]: cannot compute jax.lax.mul(f32[(3,)], i32[(3,)]): the element types f32, i32 differ
            4 | y = lax.mul(jnp.ones(3), jnp.arange(3))
              |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
              |             ----------- f32[(3,)]
              |                          ------------- i32[(3,)]
           note: JAX says: lax.mul requires arguments to have the same dtypes, got float32, int32. (Tip: jnp.multiply is a similar function that does automatic type promotion on inputs).
           help: convert with astype; the functions of jax.numpy promote
        """,
    ),
    "unpacking": (
        """
        batch, time, features = jnp.ones((16, 24)).shape
        """,
        """
        program.py:4:25: error[invalid-operation]: cannot compute 3 parts of tuple[int, int]: it has 2
            4 | batch, time, features = jnp.ones((16, 24)).shape
              |                         ^^^^^^^^^^^^^^^^^^^^^^^^
        """,
    ),
    "truth": (
        """
        if jnp.ones(3) > 0:
            pass
        """,
        """
        program.py:4:4: error[invalid-operation]: cannot compute bool(bool_[(3,)]): an array of several entries is neither true nor false
            4 | if jnp.ones(3) > 0:
              |    ^^^^^^^^^^^^^^^
              |    ----------- f32[(3,)]
           help: ask for .any() or .all() of them
        """,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("program", "message"), MESSAGES.values(), ids=MESSAGES.keys())
def test_message(program: str, message: str) -> None:
    source = IMPORTS + cleandoc(program) + "\n"
    said = click.unstyle(render_full(check_source("program.py", source), {"program.py": source}))
    assert said == cleandoc(message)
