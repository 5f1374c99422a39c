"""The logical trace: the mapped function as one jaxpr over named axes, with every rule checked.

The function is traced for one instance, with the named axes in its axis env. Propagation over the jaxpr tells
the named shape of every value, inside library functions too; so the rules hold for exactly what will run.
The rules themselves are those of `named_types.semantics`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial, wraps
from typing import Any, TypeAlias, cast

import jax
from jax.core import ShapedArray
from jax.extend.core import ClosedJaxpr, JaxprEqn

from named_types.algebra import UNKNOWN_DIM, ArrayType, AxisMapping, AxisName, NamedShape
from named_types.problems import AxisMappingStructure, InvalidOperation, NamedAxisError, Problem, UnboundAxisName
from named_types.runtime.declared_types import DeclaredTypes
from named_types.runtime.explicit_axes import ExplicitTypes, explicit_types, without_explicit_types
from named_types.runtime.internals import info_of_trace, trace_to_jaxpr
from named_types.runtime.introspection import observed
from named_types.runtime.origins import Origins, origin_of_problem, origins_of
from named_types.runtime.places import (
    assertion_of_jax,
    place_of,
    place_of_caller,
    place_of_error,
    place_of_return,
    reject,
)
from named_types.runtime.random_keys import DRAWING, spread_stream
from named_types.runtime.resources import Scope
from named_types.runtime.sharding_constraints import CONSTRAINT, misplaced
from named_types.runtime.variables import mesh_axes_inside
from named_types.semantics.abstract_array import AbstractArray
from named_types.semantics.avals import array_of_aval
from named_types.semantics.backward import whereabouts
from named_types.semantics.collectives import COMMUNICATING, collective_of, loop_collectives, malformed, misread
from named_types.semantics.contraction import Contraction, check_names
from named_types.semantics.mapping import Entered, check_mesh, check_resources, enter, leave, resource_conflicts
from named_types.semantics.propagation import CONTRACTION, names_of, propagate_variables
from named_types.semantics.transfers import Names, axis_names
from named_types.semantics.transfers import axes as names_of_axes
from named_types.semantics.xmap_axes import XmapAxes, argument_label, result_label

OriginsOf: TypeAlias = Callable[[], Origins]


@dataclass(frozen=True)
class LogicalTrace:
    """A mapped function as a jaxpr over named axes.

    ``jaxpr.consts`` are values the function closes over. Mappings stand in the order of the jaxpr's operands
    and results.
    """

    jaxpr: ClosedJaxpr
    in_mappings: tuple[AxisMapping, ...]
    out_mappings: tuple[AxisMapping, ...]
    result_tree: Any
    sizes: dict[AxisName, int]
    """The axes this xmap introduces, and their sizes."""

    names: dict[Any, Names]
    """Of every variable."""

    explicit: ExplicitTypes | None
    """Of the results, if the jaxpr was made to run without."""


def trace(
    function: Callable[..., Any],
    axes: XmapAxes,
    arguments: tuple[Any, ...],
    outer: NamedShape,
    scope: Scope,
) -> LogicalTrace:
    """Trace ``function`` for one instance of ``arguments``, under the axes ``outer`` and resources ``scope``."""
    leaves, structure = jax.tree_util.tree_flatten(arguments)
    avals = [jax.typeof(leaf) for leaf in leaves]
    entered = enter(axes, jax.tree_util.tree_unflatten(structure, map(array_of_aval, avals)), outer)
    _reject_first(entered.problems, place_of_caller)
    origins = partial(origins_of, axes, entered)
    _reject_first(_entry_problems(axes, entered, outer, scope), place_of_caller, origins)
    declared = DeclaredTypes(function, entered.arguments, outer)
    _reject_first(declared.argument_problems(), place_of_caller)
    sizes = {axis: size for axis, size in entered.axis_env.items() if isinstance(size, int) and axis not in outer}
    mappings = tuple(jax.tree_util.tree_leaves(entered.mappings))
    names = [names_of_axes(mapping.names) for mapping in mappings]
    observable = observed(_giving_arrays(function), names, entered.axis_env, is_outermost=not outer)
    instances = jax.tree_util.tree_unflatten(
        structure, map(_instance, avals, jax.tree_util.tree_leaves(entered.arguments))
    )
    jaxpr, result_tree = _trace_instance(observable, instances, sizes, entered.axis_env)
    is_spread = bool(axes.axis_resources or mesh_axes_inside(jaxpr.jaxpr))
    if explicit := explicit_types(jaxpr) if is_spread else None:
        jaxpr = without_explicit_types(jaxpr)
    checks = _Checks(axes, entered.axis_env, outer, scope, origins)
    all_names = propagate_variables(jaxpr.jaxpr, names, visit=checks)
    result_names = [names_of(atom, all_names) for atom in jaxpr.jaxpr.outvars]
    _reject_first(checks.unplaced, place_of_caller, origins)
    types = [
        array_of_aval(cast(ShapedArray, aval), entered.axis_env.restrict(axis_names(held)))
        for aval, held in zip(jaxpr.out_avals, result_names, strict=True)
    ]
    typed_results = jax.tree_util.tree_unflatten(result_tree, types)
    _reject_first(declared.return_problems(typed_results), lambda: place_of_return(function))
    left = leave(axes, typed_results, entered.axis_env, outer)
    _reject_first(left.problems, place_of_caller, origins)
    out_mappings = tuple(jax.tree_util.tree_leaves(left.mappings))
    return LogicalTrace(jaxpr, mappings, out_mappings, result_tree, sizes, all_names, explicit)


def _entry_problems(axes: XmapAxes, entered: Entered, outer: NamedShape, scope: Scope) -> list[Problem]:
    """What is wrong with the axes and resources of the arguments."""
    problems: list[Problem] = []
    problems += [UnboundAxisName(axis, (), "in_axes") for axis, size in entered.axis_env.items() if size is UNKNOWN_DIM]
    problems += check_resources(axes, entered.axis_env, scope.sizes, scope.taken)
    problems += check_mesh(axes, outer, scope.mesh_shape)
    for path, value in jax.tree_util.tree_leaves_with_path(entered.arguments) if axes.axis_resources else ():
        if axes.axis_resources.conflicts(value.type.named_shape or ()):
            problems += resource_conflicts(value.type, axes.axis_resources, argument_label(path))
    return problems


def _instance(aval: ShapedArray, inside: AbstractArray) -> jax.ShapeDtypeStruct:
    """One instance of an argument, as JAX describes abstract arrays."""
    return jax.ShapeDtypeStruct(cast(tuple[int, ...], inside.type.shape.dims), aval.dtype, weak_type=aval.weak_type)


def _giving_arrays(function: Callable[..., Any]) -> Callable[..., Any]:
    """``function``, what it returns checked to be arrays."""

    @wraps(function)
    def checked(*arguments: Any) -> Any:
        results = function(*arguments)
        for path, leaf in jax.tree_util.tree_leaves_with_path(results):
            if not _is_array(leaf):
                reason = f"{result_label(path)} is no array but of type {type(leaf).__name__}"
                reject(AxisMappingStructure("out_axes", reason), place_of_return(function))
        return results

    return checked


def _is_array(leaf: Any) -> bool:
    try:
        jax.typeof(leaf)
    except TypeError:
        return False
    return True


def _trace_instance(
    function: Callable[..., Any], instances: tuple[Any, ...], sizes: Mapping[AxisName, int], axis_env: NamedShape
) -> tuple[ClosedJaxpr, Any]:
    try:
        return trace_to_jaxpr(function, instances, sizes, info_of_trace("xmap"))
    except RecursionError as error:
        name, place = getattr(function, "__name__", "function"), place_of_error(error)
        raise RecursionError(f"{name!r} calls itself without an end while it is traced\n  at: {place}") from None
    except AssertionError as error:
        if (operation := assertion_of_jax(error)) is None:
            raise
        problem = InvalidOperation(operation, (), "JAX fails an assertion of its own")
        raise NamedAxisError(problem, place_of_error(error)) from error
    except NameError as error:
        found = re.search(r"unbound axis name: (.*?)\.(?: .* call (\w+) |$)", str(error))
        if found is None:
            raise
        bound = tuple(sorted(axis_env, key=repr))
        reject(UnboundAxisName(found[1], bound, found[2]), place_of_error(error))


_INSPECTED = {CONTRACTION, "shard_map", *COMMUNICATING}
"""The primitives that can be wrong where no axis has resources."""


class _Checks:
    """The rules that hold for every equation; called with each, the inner ones before those they stand in."""

    def __init__(
        self, axes: XmapAxes, axis_env: NamedShape, outer: NamedShape, scope: Scope, origins: OriginsOf
    ) -> None:
        self._origins = origins
        self._axes = axes
        self._axis_env = axis_env
        self._outer = outer
        self._scope = scope
        self._loops = dict(scope.loops)
        self._any_shared = bool(axes.axis_resources.conflicts(axes.axis_resources))
        used = axes.axis_resources.resources_of(axes.axis_resources)
        self._mesh_axes = {axis for axis in scope.mesh_shape if axis in used and axis not in self._loops}
        self.unplaced: list[Problem] = []
        """Problems inside functions that a library jits: their place is that of the equation around them."""

    def __call__(self, eqn: JaxprEqn, operands: Sequence[Names], results: Sequence[Names]) -> None:
        problems = [*self.unplaced, *(self._in_equation(eqn, operands) if eqn.params else ())]
        if self._any_shared:
            problems += self._in_values(eqn, results)
        if not problems:
            return
        place = place_of(eqn)
        if place:
            _reject_first(problems, lambda: place, self._origins)
        self.unplaced = problems

    def _in_equation(self, eqn: JaxprEqn, operands: Sequence[Names]) -> Sequence[Problem]:
        if not self._axes.axis_resources and eqn.primitive.name not in _INSPECTED:
            return ()
        problems: list[Problem] = []
        contraction = eqn.params.get("contraction")
        if isinstance(contraction, Contraction) and contraction.specification is not None:
            types = [self._type(*operand) for operand in zip(eqn.invars, operands, strict=True)]
            problems += check_names(_without(contraction, self._outer), types)
        if self._axes.axis_resources and (collective := collective_of(eqn)) is not None:
            problems += loop_collectives([collective], self._axes.axis_resources, self._loops)
        if (reason := self._unsupported(eqn, operands)) is not None:
            types = [self._type(*operand) for operand in zip(eqn.invars, operands, strict=True)]
            problems.append(InvalidOperation(eqn.primitive.name, tuple(map(str, types)), reason))
        return problems

    def _in_values(self, eqn: JaxprEqn, names: Sequence[Names]) -> Iterator[Problem]:
        for variable, held in zip(eqn.outvars, names, strict=True):
            if self._axes.axis_resources.conflicts(axis_names(held)):
                yield from resource_conflicts(self._type(variable, held), self._axes.axis_resources, whereabouts(eqn))

    def _type(self, variable: Any, names: Names) -> ArrayType:
        return array_of_aval(variable.aval, self._axis_env.restrict(axis_names(names))).type

    def _unsupported(self, eqn: JaxprEqn, operands: Sequence[Names]) -> str | None:
        """Why an equation cannot be run as it is meant."""
        name = eqn.primitive.name
        if name in COMMUNICATING:
            collective = collective_of(eqn)
            return misread(eqn, self._axis_env) if collective is None else malformed(collective, self._axis_env)
        if name == "shard_map" and (split := self._mesh_axes & eqn.params["newly_manual_axes"]):
            return f"mesh axis {min(split)!r} is split by axis_resources already"
        if name == CONSTRAINT and self._mesh_axes:
            return misplaced(eqn, axis_names(operands[0]), self._axes.axis_resources, self._scope.mesh_shape)
        if name in DRAWING and self._axes.axis_resources:
            return spread_stream(eqn, axis_names(operands[0]), self._axes.axis_resources)
        return None


def _without(contraction: Contraction, names: Mapping[AxisName, Any]) -> Contraction:
    """A contraction as far as it concerns other names: here nothing is known of who has these."""
    terms = tuple(replace(term, names=term.names - names.keys()) for term in contraction.operands)
    return replace(contraction, operands=terms)


def _reject_first(problems: Sequence[Problem], place: Callable[[], str | None], origins: OriginsOf = dict) -> None:
    """Raise the first problem, if there is any; only then is it found out where it is and comes from."""
    if problems:
        reject(problems[0], place(), origin_of_problem(problems[0], origins()))
