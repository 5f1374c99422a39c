"""The array types that a mapped function declares, held against what it gets and what it gives.

The annotations are those of the function itself, in quotes or not: what cannot be evaluated, and what is not about
arrays, says nothing. Inside a mapped function named shapes match exactly. Nothing is known there of who has the
axes of an enclosing `xmap`, so these are left out of the comparison.
"""

from __future__ import annotations

import collections.abc
import dataclasses
import inspect
import sys
import types
import typing
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

import jax

from named_types.algebra import NO_NAMES, UNKNOWN_DIM, ArrayType, AxisName
from named_types.notation import ArrayNotation
from named_types.problems import IncompatibleArgument, IncompatibleReturn, Problem
from named_types.semantics.abstract_array import UNKNOWN, AbstractArray
from named_types.semantics.avals import array_of_aval
from named_types.semantics.forms import (
    CallableForm,
    Form,
    MappingForm,
    Mismatch,
    RecordForm,
    SequenceForm,
    TupleForm,
    UnionForm,
    declared_arrays,
    first_mismatch,
    without_variables,
)
from named_types.semantics.lifting import Lifting, Signature, bound_sizes

_SEQUENCES = (list, collections.abc.Sequence, collections.abc.Iterable)
_MAPPINGS = (dict, collections.abc.Mapping)
_UNIONS = (typing.Union, types.UnionType)


class DeclaredTypes:
    """What the annotations of a function say of one call of it.

    ``arguments`` are those inside the mapped function, ``outer`` the axes of what encloses it.
    """

    def __init__(self, function: Callable[..., Any], arguments: tuple[Any, ...], outer: Mapping[AxisName, Any]) -> None:
        plain = _plain_function(function)
        self._name = getattr(plain, "__name__", "function")
        self._outer = frozenset(outer)
        self._signature, self._bound = _bind(function, plain, arguments)
        sizes = bound_sizes(
            pair
            for name, form in self._signature.parameters.items()
            for pair in declared_arrays(form, self._bound.get(name))
        )
        self._lifting = Lifting({**dict.fromkeys(self._signature.variables, UNKNOWN_DIM), **sizes})

    def argument_problems(self) -> list[Problem]:
        """The arguments that do not have the types of their parameters."""
        return [
            IncompatibleArgument(*mismatch, name, self._name)
            for name, form in self._signature.parameters.items()
            if (mismatch := first_mismatch(form, self._bound.get(name), self._mismatch)) is not None
        ]

    def return_problems(self, results: Any) -> list[Problem]:
        """What is wrong with what the function returns."""
        mismatch = first_mismatch(self._signature.result, results, self._mismatch)
        return [] if mismatch is None else [IncompatibleReturn(*mismatch, self._name)]

    def _mismatch(self, form: ArrayType | CallableForm, value: object) -> Mismatch | None:
        if not isinstance(form, ArrayType) or not isinstance(value, AbstractArray):
            return None
        return self._lifting.mismatch(self._inner(form), self._inner(value.type))

    def _inner(self, array_type: ArrayType) -> ArrayType:
        if array_type.named_shape is None or self._outer.isdisjoint(array_type.named_shape):
            return array_type
        return array_type.with_named_shape(array_type.named_shape.eliminate(self._outer))


def _bind(
    function: Callable[..., Any], plain: types.FunctionType | None, arguments: tuple[Any, ...]
) -> tuple[Signature, dict[str, Any]]:
    """The signature, and the abstract values of its parameters; nothing of what says nothing about arrays."""
    declared = _declared(plain)
    if not any(form is not None for form in declared.values()):
        return Signature({}, None), {}
    try:
        signature = inspect.signature(function)
        bound = signature.bind(*arguments)
    except (TypeError, ValueError):
        return Signature({}, None), {}
    given = dict(bound.arguments)
    bound.apply_defaults()
    values = {name: given.get(name, _abstract(value)) for name, value in bound.arguments.items()}
    forms: dict[str, Form] = {}
    for name, parameter in signature.parameters.items():
        form = declared.get(name)
        forms[name] = SequenceForm(form) if parameter.kind is parameter.VAR_POSITIONAL else form
        if parameter.kind is parameter.VAR_KEYWORD:
            forms[name] = MappingForm(form)
    return Signature(forms, declared.get("return")), values


def _declared(function: types.FunctionType | None) -> dict[str, Form]:
    """The forms of a function's annotations, by parameter; that of its result is called ``return``."""
    if function is None:
        return {}
    if function not in _forms_of_functions:
        try:
            annotations = function.__annotations__
        except NameError:  # evaluated only here, in later versions of Python
            return {}
        names = _names_seen_by(function)
        _forms_of_functions[function] = {name: _read(annotation, names) for name, annotation in annotations.items()}
    return _forms_of_functions[function]


_forms_of_functions: WeakKeyDictionary[types.FunctionType, dict[str, Form]] = WeakKeyDictionary()


def _plain_function(function: Any) -> types.FunctionType | None:
    """The function whose annotations these are; None where another is wrapped, which may have other arguments."""
    while isinstance(function, partial):
        function = function.func
    if isinstance(function, types.MethodType):
        function = function.__func__
    elif not isinstance(function, types.FunctionType):
        kinds = type(function).__mro__
        function = next((vars(kind)["__call__"] for kind in kinds if "__call__" in vars(kind)), None)
    return function if isinstance(function, types.FunctionType) and not hasattr(function, "__wrapped__") else None


def _names_seen_by(function: types.FunctionType) -> dict[str, Any]:
    """What an annotation of a function may mention."""
    closed_over = {}
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            closed_over[name] = cell.cell_contents
        except ValueError:  # a variable that is not bound yet
            continue
    return {**function.__globals__, **closed_over}


def _read(annotation: Any, names: dict[str, Any], inside: tuple[type, ...] = ()) -> Form:
    """The form of an annotation, None if it says nothing of arrays; ``inside`` are the classes that it stands in."""
    if isinstance(annotation, typing.ForwardRef):
        annotation = annotation.__forward_arg__
    if isinstance(annotation, str):
        annotation = _evaluate(annotation, names)
    if isinstance(annotation, ArrayType):
        return annotation
    if isinstance(annotation, ArrayNotation):
        return ArrayType(annotation.element_type, named_shape=None)
    if isinstance(annotation, type) and not typing.get_args(annotation):
        return _read_class(annotation, inside)
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    items = [_read(argument, names, inside) for argument in arguments]
    if all(item is None for item in items):
        return None
    if origin is tuple and ... in arguments:
        return SequenceForm(items[0])
    if origin is tuple:
        return TupleForm(tuple(items))
    if origin in _SEQUENCES:
        return SequenceForm(items[0])
    if origin in _MAPPINGS:
        return MappingForm(items[1])
    if origin in _UNIONS:
        return UnionForm(tuple(items))
    return items[0] if origin is typing.Annotated else None


def _read_class(annotation: type, inside: tuple[type, ...]) -> Form:
    """Of a dataclass or a named tuple, the forms of its fields."""
    is_record = dataclasses.is_dataclass(annotation) or (
        issubclass(annotation, tuple) and hasattr(annotation, "_fields")
    )
    if not is_record or annotation in inside:
        return None
    module = sys.modules.get(annotation.__module__)
    names = {**vars(module), **vars(annotation)} if module is not None else dict(vars(annotation))
    fields = inspect.get_annotations(annotation)
    forms = tuple(
        (name, without_variables(_read(field, names, (*inside, annotation)))) for name, field in fields.items()
    )
    return RecordForm(forms) if any(form is not None for _, form in forms) else None


def _evaluate(text: str, names: dict[str, Any]) -> Any:
    if text in names:
        return names[text]
    try:
        return eval(text, names)
    except Exception:  # whatever the annotation does: it says nothing
        return None


def _abstract(value: Any) -> Any:
    """The types of the arrays in a value that does not come through in_axes."""

    def leaf(value: Any) -> Any:
        try:
            aval = jax.typeof(value)
        except TypeError:
            return UNKNOWN
        return array_of_aval(aval, None if isinstance(value, jax.core.Tracer) else NO_NAMES)

    return jax.tree_util.tree_map(leaf, value)
