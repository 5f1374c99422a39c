"""Operations without any axis in mind: arithmetic, comparisons, choices and conversions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
from random_programs.drafts import Draft, simple
from random_programs.steps import Step
from random_programs.values import Type, align

UNARY: dict[str, Callable[[Any], Any]] = {
    "jnp.sin({0})": jnp.sin,
    "jnp.tanh({0})": jnp.tanh,
    "-{0}": lambda x: -x,
    "0.5 * {0} + 1.0": lambda x: 0.5 * x + 1.0,
    "jnp.log1p(jnp.square({0}))": lambda x: jnp.log1p(jnp.square(x)),
    "jnp.square(jnp.cos({0}))": lambda x: jnp.square(jnp.cos(x)),
    "cube({0})": lambda x: x**3 / (1 + x**2),
}
BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "{0} + {1}": lambda x, y: x + y,
    "{0} * {1}": lambda x, y: x * y,
    "{0} - {1}": lambda x, y: x - y,
    "jnp.hypot(1.0 + jnp.square({0}), {1})": lambda x, y: jnp.hypot(1.0 + jnp.square(x), y),
}
INTEGERS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "{0} * 3 % 7": ("int32", lambda x: x * 3 % 7),
    "{0} > 2": ("bool", lambda x: x > 2),
    "{0}.astype(jnp.float32) / 8": ("float32", lambda x: x.astype(jnp.float32) / 8),
    "jnp.cos({0} / 3)": ("float32", lambda x: jnp.cos(x / 3)),
}


def unary(draft: Draft) -> Step:
    operand = draft.real()
    text = draft.choose(list(UNARY))
    return simple(text, [operand], draft.types[operand].shape, "float32", UNARY[text])


def binary(draft: Draft) -> Step:
    left = draft.real()
    right = draft.real(lambda one: _broadcast(one, draft.types[left]) is not None)
    shape = _broadcast(draft.types[left], draft.types[right])
    assert shape is not None
    text = draft.choose(list(BINARY))
    return simple(text, [left, right], shape, "float32", lambda x, y: BINARY[text](*align(x, y)))


def with_promotion(draft: Draft) -> Step:
    """Operands of any element types."""
    numbers = {"int32", "bool", "float32", "bfloat16", "complex64"}
    left = draft.operand(lambda one: one.dtype in numbers - {"float32"})
    right = draft.operand(lambda one: one.dtype in numbers and _broadcast(one, draft.types[left]) is not None)
    shape = _broadcast(draft.types[left], draft.types[right])
    assert shape is not None
    dtypes = [draft.types[left].dtype, draft.types[right].dtype]
    dtype = str(jnp.promote_types(*dtypes))
    return simple(
        "{0} * {1}", [left, right], shape, dtype, lambda x, y: jnp.multiply(*align(x, y)), coarse="bfloat16" in dtypes
    )


def integers(draft: Draft) -> Step:
    operand = draft.operand(lambda one: one.dtype == "int32")
    text = draft.choose(list(INTEGERS))
    dtype, function = INTEGERS[text]
    return simple(text, [operand], draft.types[operand].shape, dtype, function)


def choice(draft: Draft) -> Step:
    """By a predicate that does not depend on rounding."""
    predicate = draft.operand(lambda one: one.dtype == "bool")
    case = draft.real(lambda one: _broadcast(one, draft.types[predicate]) is not None)
    shape = _broadcast(draft.types[predicate], draft.types[case])
    assert shape is not None
    other = draft.real(lambda one: _broadcast(one, Type(shape, "float32")) == shape)
    return simple(
        "jnp.where({0}, {1}, {2})", [predicate, case, other], shape, "float32", lambda *xs: jnp.where(*align(*xs))
    )


def conversion(draft: Draft) -> Step:
    operand = draft.real()
    shape = draft.types[operand].shape
    if draft.flip():
        return simple("lax.complex({0}, 1 - {0})", [operand], shape, "complex64", lambda x: x + 1j * (1 - x))
    return simple(
        "{0}.astype(jnp.bfloat16)", [operand], shape, "bfloat16", lambda x: x.astype(jnp.bfloat16), coarse=True
    )


def back_to_real(draft: Draft) -> Step:
    operand = draft.operand(lambda one: one.dtype in ("complex64", "bfloat16", "bool"))
    shape, dtype = draft.types[operand].shape, draft.types[operand].dtype
    if dtype == "complex64":
        return simple("({0} * 1j).real", [operand], shape, "float32", lambda x: (x * 1j).real)
    return simple("{0}.astype(jnp.float32)", [operand], shape, "float32", lambda x: x.astype(jnp.float32))


def _broadcast(left: Type, right: Type) -> tuple[int, ...] | None:
    try:
        return np.broadcast_shapes(left.shape, right.shape)
    except ValueError:
        return None


ELEMENTWISE = [unary, binary, with_promotion, integers, choice, conversion, back_to_real]
