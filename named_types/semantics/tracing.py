"""One run of a library function on tracers: what JAX makes of it, in one jaxpr, and what it objects to."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import replace
from math import prod
from typing import Any

import jax
import numpy as np
from jax.extend.core import ClosedJaxpr, Jaxpr, JaxprEqn, Literal

from named_types.algebra import ArrayType, AxisName
from named_types.problems import InvalidOperation, NamedAxisError, Problem, UnboundAxisName
from named_types.semantics import library
from named_types.semantics.abstract_array import RETURNED_FUNCTION, UNKNOWN, AbstractArray
from named_types.semantics.avals import array_of_aval, as_given, dim_of, shape_dtype_structs
from named_types.semantics.collectives import Collective, collective_of
from named_types.semantics.jax_names import to_jax
from named_types.semantics.library_call import LibraryCall, ends_pytree
from named_types.semantics.objections import objection
from named_types.semantics.precision import x64_is_enabled
from named_types.semantics.propagation import CONTRACTION, propagate
from named_types.semantics.pytrees import tell_jax, tree_flatten
from named_types.semantics.recording import Recording
from named_types.semantics.summary import Summary
from named_types.semantics.transfers import NAMELESS, Names, operand

tell_jax()


def trace(call: LibraryCall, recording: Recording | None = None) -> Summary | Problem | None:
    """One run of the function on tracers; None where its result cannot be known."""
    with jax.enable_x64(x64_is_enabled()):
        return _trace(call, recording)


def _trace(call: LibraryCall, recording: Recording | None) -> Summary | Problem | None:
    function = call.function or library.resolve(call.path)
    if function is None:
        return None
    structs = shape_dtype_structs([leaf for leaf in call.leaves if isinstance(leaf, AbstractArray)])
    outputs: list[Any] = []
    structure = None

    def run(*tracers: Any) -> list[Any]:
        nonlocal structure
        remaining = iter(tracers)
        leaves = [next(remaining) if isinstance(leaf, AbstractArray) else as_given(leaf) for leaf in call.leaves]
        args, kwargs = call.structure.unflatten(leaves)
        result, structure = tree_flatten(function(*args, **kwargs), ends_pytree)
        outputs.extend(result)
        return [leaf for leaf in result if isinstance(leaf, jax.Array)]

    axis_env: Any = [(to_jax(axis), size) for axis, size in call.env.items()]
    try:
        with warnings.catch_warnings(action="ignore"), nullcontext() if recording is None else recording.going_on():
            closed = jax.make_jaxpr(run, axis_env=axis_env)(*structs)
    except jax.errors.NonConcreteBooleanIndexError:
        return _misfit_of_mask(call)
    except Exception as error:
        return problem_of(error, call)
    if recording is not None and _has_no_forward_mode(closed.jaxpr):
        return InvalidOperation(call.path, call.arguments, "a custom_vjp has no derivative in forward mode")
    return _summary(closed, outputs, structure, recording)


def _summary(closed: ClosedJaxpr, outputs: Sequence[Any], structure: Any, recording: Recording | None) -> Summary:
    """What a jaxpr says of its ``outputs``, which the function has returned."""
    seen: dict[Names, ArrayType] = {}
    contractions = []
    collectives: dict[Collective, None] = {}

    def visit(eqn: JaxprEqn, operands: Sequence[Names], results: Sequence[Names]) -> None:
        if recording is not None:
            recording.visit(eqn, operands, results)
        for outvar, names in zip(eqn.outvars, results, strict=True):
            if names and names not in seen:
                seen[names] = array_of_aval(outvar.aval).type
        if eqn.primitive.name == CONTRACTION:
            types = [array_of_aval(variable.aval).type for variable in eqn.invars]
            contractions.append((eqn.params["contraction"], tuple(zip(types, operands, strict=True))))
        if (collective := collective_of(eqn)) is not None:
            collectives[collective] = None

    inputs = [operand(index) for index in range(len(closed.jaxpr.invars))]
    result_names = propagate(closed.jaxpr, inputs, visit=visit)
    arrays = iter(zip(closed.out_avals, result_names, strict=True))
    described = tuple(_describe(leaf, arrays) for leaf in outputs)
    made = tuple((kind, names) for names, kind in seen.items())
    return Summary(structure, described, made, tuple(contractions), tuple(collectives))


def _has_no_forward_mode(jaxpr: Jaxpr) -> bool:
    """Whether results come from tangents of a custom_vjp: JAX fails when it runs that."""
    wanted = {atom for atom in jaxpr.outvars if not isinstance(atom, Literal)}
    for eqn in reversed(jaxpr.eqns):
        if wanted.isdisjoint(eqn.outvars):
            continue
        if eqn.primitive.name == "custom_lin":
            return True
        wanted.update(atom for atom in eqn.invars if not isinstance(atom, Literal))
    return False


def _describe(leaf: Any, arrays: Iterator[tuple[Any, Names]]) -> tuple[Any, Names]:
    """One output: an array with its names, or a plain value; UNKNOWN for any other object."""
    if isinstance(leaf, jax.Array):
        aval, names = next(arrays)
        return array_of_aval(aval), names
    if isinstance(leaf, np.ndarray):
        return replace(array_of_aval(jax.typeof(leaf)), library="numpy"), NAMELESS
    return plain(leaf), NAMELESS


def plain(leaf: Any) -> Any:
    """An output that is no array: a plain value; UNKNOWN for any other object."""
    if callable(leaf) and not isinstance(leaf, type):
        return RETURNED_FUNCTION
    if jax.export.is_symbolic_dim(leaf):
        return dim_of(leaf)
    return leaf if isinstance(leaf, _PLAIN) or leaf is None else UNKNOWN


_PLAIN = (bool, int, float, complex, str, bytes, np.dtype, np.generic)


_UNBOUND = re.compile(r"unbound axis name: (?P<name>.+?)(\. |\.?$)")


def problem_of(error: Exception, call: LibraryCall) -> Problem | None:
    """What an exception of the traced function says about the program; None where it says nothing."""
    if isinstance(error, NamedAxisError):
        return error.problem
    if isinstance(error, NameError) and (match := _UNBOUND.search(str(error).partition("\n")[0])):
        return UnboundAxisName(_axis_called(match["name"], call), (), call.path)
    objected = objection(error, call.leaves)
    return None if objected is None else objected.problem(call.path, call.arguments)


_LARGEST_MASK = 1 << 16


def _misfit_of_mask(call: LibraryCall) -> Problem | None:
    """Whether an array's one mask has another shape: that does not depend on what it selects."""
    masks = [leaf for leaf in call.leaves if _is_mask(leaf)]
    arrays = [leaf for leaf in call.leaves if isinstance(leaf, AbstractArray)]
    if call.path != "operator.getitem" or len(masks) != 1 or len(arrays) != 2 or call.leaves[0] is masks[0]:
        return None
    sizes = masks[0].type.shape.dims
    if call.variables or prod(sizes) > _LARGEST_MASK:
        return None
    leaves = tuple(np.zeros(sizes, bool) if leaf is masks[0] else leaf for leaf in call.leaves)
    outcome = trace(replace(call, leaves=leaves))
    return outcome if isinstance(outcome, Problem) else None


def _is_mask(leaf: Any) -> bool:
    return isinstance(leaf, AbstractArray) and leaf.type.element_type.name == "bool_"


def _axis_called(text: str, call: LibraryCall) -> AxisName:
    """The axis name in the call that prints as ``text``."""
    return next((leaf for leaf in call.leaves if str(leaf) == text), text)
