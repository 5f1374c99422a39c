"""Recordings: what functions of the program do with JAX's tracers, done by JAX as well.

Where JAX calls a function of the program, the interpreter tells the types of the results. What JAX makes of the
function beyond that, above all its derivative, depends on how the results come from the arguments. So while a
recording is going on, each library call that the interpreter evaluates is made on the tracers too, and the values
carry the tracers that stand for them. The jaxpr of it all holds what the program computes, backward passes included,
and propagation tells the names of every value in it: there is no rule for the named shape of a gradient but this.

What comes from a value whose tracer is not known is not known to come from the arguments: it is *lost*. A recording
that has handed one to JAX is not exact, and tells nothing of derivatives.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, TypeAlias, cast

import jax
import numpy as np
from jax.extend.core import JaxprEqn, jaxprs_in_params

from named_types.algebra import NO_NAMES, ArrayType, AxisName, Dim, NamedShape
from named_types.semantics.abstract_array import RECORDING, UNKNOWN, AbstractArray
from named_types.semantics.avals import array_of_aval, as_given
from named_types.semantics.backward import whereabouts
from named_types.semantics.library_call import ends_pytree, flatten_arguments
from named_types.semantics.precision import x64_is_enabled
from named_types.semantics.propagation import MET, STAND_IN
from named_types.semantics.pytrees import PyTree, tree_flatten, tree_leaves
from named_types.semantics.stand_in import met, stand_in
from named_types.semantics.transfers import NAMELESS, Names, any_names, axes, join, named_shape_of

Place: TypeAlias = Any
"""Where in the program a call stands, as the caller of the oracle knows it."""


@dataclass(frozen=True)
class Met:
    """A call that JAX made of a function of the program; ``is_inner`` of one that a call before it may make again."""

    function: Any
    args: PyTree
    kwargs: PyTree
    is_inner: bool = False


@dataclass(frozen=True)
class Made:
    """A value that arose at a place, with the operands of the operation; without a place, in JAX's own doing."""

    place: Place | None
    value: ArrayType
    operands: tuple[ArrayType, ...]
    is_passed_on: bool
    """Whether the operation consists of others, as a loop does."""
    where: str | None
    """Where it arises beside the place, as in a backward pass."""


_NamedType: TypeAlias = tuple[ArrayType, Names]
_Result: TypeAlias = tuple[_NamedType, list[_NamedType], bool, str | None]


class Recording:
    """What JAX's trace of one call of a function that takes functions has to tell.

    With ``has_names``, the names of what JAX hands to the functions are not known before the trace is complete.
    """

    def __init__(self, has_names: bool) -> None:
        self.has_names = has_names
        self.is_exact = True
        self.is_rejected = False
        """Whether JAX objects to something inside."""
        self.differentiates = False
        self._calls: list[Met] = []
        self._depth = 0
        self._names: dict[tuple[int, int], Names] = {}
        self._made: list[tuple[Place | None, _Result]] = []
        self._inner: list[_Result] = []
        """What arose in functions that a library jits: their place is that of the equation around them."""
        self._older: list[_NamedType] = []
        self._sizes: dict[AxisName, Dim] = {}
        self._places: list[Place] = []
        self._named: Callable[[Names], NamedShape | None] = lambda names: None

    @property
    def tells_names(self) -> bool:
        """Whether the names of the results are to be believed."""
        return self.is_exact or not self.differentiates

    @contextmanager
    def going_on(self) -> Iterator[None]:
        token = RECORDING.set(self)
        try:
            yield
        finally:
            RECORDING.reset(token)

    @contextmanager
    def without_names(self) -> Iterator[None]:
        """While the names of what JAX hands to functions are not known."""
        outer, self.has_names = self.has_names, True
        try:
            yield
        finally:
            self.has_names = outer

    @contextmanager
    def inside(self) -> Iterator[None]:
        """While a function of the program is interpreted that JAX calls."""
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1

    @contextmanager
    def at(self, place: Place) -> Iterator[None]:
        """While what stands at a place of the program is evaluated."""
        self._places.append(place)
        with jax.named_scope(f"place{len(self._places) - 1}"):
            yield

    def tracer(self, array: AbstractArray) -> jax.Array:
        """What stands for a value in JAX's trace: a constant for one that is older than the trace."""
        if self._is_older(array):
            named_shape = array.type.named_shape
            if named_shape is None:
                return stand_in(array, any_names())
            self._sizes.update(named_shape)
            return stand_in(array, axes(named_shape))
        _, tracer = array.recorded
        if tracer is not None:
            return cast(jax.Array, tracer)
        self.is_exact = False
        return stand_in(array, any_names())

    def called(
        self, function: Any, args: Sequence[Any], kwargs: dict[str, Any], is_rule: bool = False
    ) -> tuple[PyTree, PyTree]:
        """JAX calls a function of the program with these tracers: they, as values.

        The rules of a derivative are never called but by JAX.
        """
        call = len(self._calls)
        leaves, structure = tree_flatten((list(args), kwargs), ends_pytree)
        values = [self._value_of(leaf, call, index) for index, leaf in enumerate(leaves)]
        given, named = structure.unflatten(values)
        self._calls.append(Met(function, given, named, is_inner=self._depth > 0 and not is_rule))
        return given, named

    def record(self, function: Callable[..., Any] | None, args: PyTree, kwargs: PyTree, value: PyTree) -> PyTree:
        """``value``, which a call of ``function`` has by its types, recorded as what the call gives.

        A call of a function that JAX cannot trace, None, is lost. What is made of older values alone is as old.
        """
        leaves, structure = flatten_arguments(args, kwargs)
        given = [leaf for leaf in leaves if isinstance(leaf, AbstractArray)]
        values, out_structure = tree_flatten(value, ends_pytree)
        if all(map(self._is_older, given)):
            return out_structure.unflatten([_recorded(one, None) for one in values])
        results: list[Any] = []
        if function is not None and not any(map(self._is_lost, given)):
            results = self._run(function, leaves, structure)
        if len(results) != len(values):
            results = [None] * len(values)
        recorded = [_recorded(one, self._told(one, result)) for one, result in zip(values, results, strict=True)]
        return out_structure.unflatten(recorded)

    def value_of(self, leaf: Any) -> Any:
        """A result of JAX's, an array as a value of the program."""
        return self._value(leaf) if isinstance(leaf, jax.Array) else leaf

    def visit(self, eqn: JaxprEqn, operands: Sequence[Names], results: Sequence[Names]) -> None:
        """Note what an equation of the complete trace has to tell."""
        if eqn.primitive.name == MET:
            key = eqn.params["call"], eqn.params["leaf"]
            self._names[key] = join([self._names.get(key, NAMELESS), *operands])
            return
        if not self.has_names:
            return
        if eqn.primitive.name == STAND_IN:
            self._older += _typed(eqn.outvars, results)
            return
        types, holds_others = _typed(eqn.invars, operands), any(jaxprs_in_params(eqn.params))
        where = whereabouts(eqn)
        self._inner += [(one, types, holds_others, where) for one in _typed(eqn.outvars, results) if one[1]]
        if tags := _PLACE.findall(str(eqn.source_info.name_stack)):
            self._made += [(self._places[int(tags[-1])], one) for one in self._inner]
            self._inner = []

    def complete(self, inputs: Sequence[NamedShape | None], axis_env: NamedShape) -> None:
        """All is visited: names can be told, of inputs that have these."""
        env = NamedShape({**self._sizes, **axis_env})
        self._made += [(None, one) for one in self._inner]
        self._named = lambda names: named_shape_of(names, inputs, env)

    def calls(self) -> Iterator[Met]:
        """The calls that JAX made of functions of the program, with names, as far as they are part of the trace."""
        for number, call in enumerate(self._calls):
            leaves, structure = tree_flatten((call.args, call.kwargs), ends_pytree)
            arrays = [index for index, leaf in enumerate(leaves) if isinstance(leaf, AbstractArray)]
            if call.is_inner or any((number, index) not in self._names for index in arrays):
                continue
            for index in arrays:
                named_shape = self._named(self._names[number, index])
                leaves[index] = replace(leaves[index].with_named_shape(named_shape), recorded=None)
            yield Met(call.function, *structure.unflatten(leaves))

    def older(self) -> list[ArrayType]:
        """The values of the trace that did not arise in it."""
        return [kind.with_named_shape(self._named(names)) for kind, names in self._older]

    def made(self) -> Iterator[Made]:
        """The values that have several names, in the order in which they arise."""
        for place, ((kind, names), operands, holds_others, where) in self._made:
            named_shape = self._named(names)
            if named_shape is not None and len(named_shape) > 1:
                given = tuple(one.with_named_shape(self._named(held)) for one, held in operands)
                yield Made(place, kind.with_named_shape(named_shape), given, holds_others, where)

    def _is_older(self, array: AbstractArray) -> bool:
        """Whether a value did not arise during this recording."""
        return array.recorded is None or array.recorded[0] is not self

    def _is_lost(self, array: AbstractArray) -> bool:
        return not self._is_older(array) and array.recorded[1] is None

    def _run(self, function: Callable[..., Any], leaves: Sequence[Any], structure: Any) -> list[Any]:
        """What the call gives in the trace; nothing where JAX cannot make it with these sizes."""
        given = [self.tracer(leaf) if isinstance(leaf, AbstractArray) else as_given(leaf) for leaf in leaves]
        args, kwargs = structure.unflatten(given)
        try:
            with jax.enable_x64(x64_is_enabled()):
                return tree_leaves(function(*args, **kwargs), ends_pytree)
        except Exception:
            return []

    def _told(self, value: Any, result: Any) -> Any:
        is_one = isinstance(value, AbstractArray) and isinstance(result, jax.Array) and _fits(value.type, result)
        return self, result if is_one else None

    def _value(self, tracer: jax.Array) -> AbstractArray:
        array = array_of_aval(jax.typeof(tracer), None if self.has_names else NO_NAMES)
        return replace(array, recorded=(self, tracer))

    def _value_of(self, leaf: Any, call: int, index: int) -> Any:
        if isinstance(leaf, jax.Array):
            return self._value(met(leaf, call, index))
        return abstract_leaf(leaf, None if self.has_names else NO_NAMES)


_PLACE = re.compile(r"\bplace(\d+)\b")


def abstract_leaf(leaf: Any, named_shape: NamedShape | None) -> Any:
    """What JAX hands to a function of the program, as a value."""
    if isinstance(leaf, (jax.Array, np.ndarray, np.generic)):
        return replace(array_of_aval(jax.typeof(leaf), named_shape), recorded=None)
    return leaf if isinstance(leaf, (bool, int, float, complex, str)) or leaf is None else UNKNOWN


def _recorded(value: Any, recorded: Any) -> Any:
    return replace(value, recorded=recorded) if isinstance(value, AbstractArray) else value


def _typed(variables: Sequence[Any], names: Sequence[Names]) -> list[_NamedType]:
    typed = zip(variables, names, strict=True)
    return [(array_of_aval(one.aval).type, held) for one, held in typed if hasattr(one.aval, "shape")]


def _fits(array_type: ArrayType, result: jax.Array) -> bool:
    found = array_of_aval(jax.typeof(result)).type
    return (found.element_type, found.shape) == (array_type.element_type, array_type.shape)
