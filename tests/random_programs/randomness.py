"""Random numbers: keys of each instance, and keys folded with what differs between instances."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from random_programs.drafts import Draft, simple
from random_programs.steps import Step

KEY = jax.random.key(7)

DRAWS: dict[str, tuple[tuple[int, ...], str, Any]] = {
    "jax.random.randint({key}, (3,), 0, 99)": ((3,), "int32", lambda key: jax.random.randint(key, (3,), 0, 99)),
    "jax.random.uniform({key}, (2,))": ((2,), "float32", lambda key: jax.random.uniform(key, (2,))),
    "jax.random.normal({key})": ((), "float32", jax.random.normal),
    "jax.random.bernoulli({key}, 0.5, (2,))": ((2,), "bool", lambda key: jax.random.bernoulli(key, 0.5, (2,))),
    "jax.random.permutation({key}, 4)": ((4,), "int32", lambda key: jax.random.permutation(key, 4)),
    "jax.random.normal(jax.random.split({key}, 2)[1], (2,))": (
        (2,),
        "float32",
        lambda key: jax.random.normal(jax.random.split(key, 2)[1], (2,)),
    ),
}


def draw_with_own_key(draft: Draft) -> Step:
    operand = draft.operand(lambda one: one.dtype == "key" and one.rank == 0)
    text, (shape, dtype, function) = draft.choose(list(DRAWS.items()))
    return simple(text.format(key="{0}"), [operand], shape, dtype, lambda keys: _each(function, keys))


def draw_with_folded_key(draft: Draft) -> Step:
    operand = draft.operand(lambda one: one.dtype == "int32" and one.rank == 0)
    text, (shape, dtype, function) = draft.choose(list(DRAWS.items()))
    return simple(
        text.format(key="jax.random.fold_in(KEY, {0})"),
        [operand],
        shape,
        dtype,
        lambda numbers: _each(lambda number: function(jax.random.fold_in(KEY, number)), numbers),
    )


def _each(function: Any, array: Any) -> Any:
    """One instance after the other."""
    results = jnp.stack([function(entry) for entry in array.ravel()])
    return results.reshape((*array.shape, *results.shape[1:]))


RANDOMNESS = [draw_with_own_key, draw_with_folded_key]
