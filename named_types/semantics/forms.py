"""Forms: what an annotation says of the arrays in a value.

An annotation is read into a *form*: an `ArrayType`, a tuple, sequence, mapping, union or callable of forms, or
None for every type that is not about arrays. The analyzer reads it from the syntax, the runtime from the
annotation itself. A value whose type is not known fits every form.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from named_types.algebra import UNKNOWN_DIM, ArrayType, Dim
from named_types.semantics.abstract_array import AbstractArray


@dataclass(frozen=True)
class TupleForm:
    """``tuple[f32[(2,)], f32[(3,)]]``."""

    items: tuple[Form, ...]


@dataclass(frozen=True)
class SequenceForm:
    """``list[f32[(2,)]]`` and other containers of one type."""

    item: Form


@dataclass(frozen=True)
class MappingForm:
    """``dict[str, f32[(2,)]]``."""

    item: Form


@dataclass(frozen=True)
class RecordForm:
    """A dataclass or a named tuple, by its fields."""

    fields: tuple[tuple[str, Form], ...]


@dataclass(frozen=True)
class DictForm:
    """A `TypedDict`, by its items."""

    fields: tuple[tuple[str, Form], ...]


@dataclass(frozen=True)
class NoneForm:
    """``None``."""


@dataclass(frozen=True)
class UnionForm:
    """``f32[(2,)] | None``."""

    options: tuple[Form, ...]

    @property
    def about_arrays(self) -> tuple[Form, ...]:
        """The options that may be about arrays."""
        return tuple(option for option in self.options if option is not None and not isinstance(option, NoneForm))

    @property
    def unless_none(self) -> Form:
        """What a value has that is not None; None where that may be one of several."""
        others = [option for option in self.options if not isinstance(option, NoneForm)]
        form = others[0] if len(others) == 1 else None
        return form.unless_none if isinstance(form, UnionForm) else form


@dataclass(frozen=True)
class CallableForm:
    """``Callable[[f32[(2,)]], f32[()]]``; ``parameters`` is None for ``Callable[..., f32[()]]``."""

    parameters: tuple[Form, ...] | None
    result: Form


@dataclass(frozen=True)
class NamedTupleForm(TupleForm):
    """A class of named tuples of the analyzed program, with the type that stands for it."""

    type: type


@dataclass(frozen=True)
class ClassForm:
    """Another class of the analyzed program."""

    cls: object


Form: TypeAlias = (
    "ArrayType | TupleForm | SequenceForm | MappingForm | RecordForm | DictForm | UnionForm | CallableForm | ClassForm"
    " | NoneForm | None"
)

_CompoundForm: TypeAlias = TupleForm | SequenceForm | MappingForm | RecordForm | DictForm

Mismatch: TypeAlias = tuple[ArrayType, ArrayType]
"""The declared and the actual type, where a value does not fit."""


def array_types(form: Form) -> list[ArrayType]:
    """The array types a form mentions."""
    match form:
        case ArrayType():
            return [form]
        case TupleForm(parts) | UnionForm(parts):
            return [one for part in parts for one in array_types(part)]
        case SequenceForm(part) | MappingForm(part):
            return array_types(part)
        case RecordForm(fields) | DictForm(fields):
            return [one for _, part in fields for one in array_types(part)]
    return []


def without_variables(form: Form) -> Form:
    """What an annotation in a class says elsewhere: the sizes that its dimension variables are, an instance has."""
    return _with_arrays(form, lambda array: array.substitute(dict.fromkeys(array.variables, UNKNOWN_DIM)))


def with_sizes(form: Form, sizes: Mapping[str, Dim]) -> Form:
    """An annotation where some dimension variables have these sizes."""
    return _with_arrays(form, lambda array: array.substitute(sizes)) if sizes else form


def _with_arrays(form: Form, change: Callable[[ArrayType], ArrayType]) -> Form:
    def changed(part: Form) -> Form:
        return _with_arrays(part, change)

    match form:
        case ArrayType():
            return change(form)
        case TupleForm(parts):
            return replace(form, items=tuple(map(changed, parts)))
        case UnionForm(parts):
            return UnionForm(tuple(map(changed, parts)))
        case SequenceForm(part) | MappingForm(part):
            return replace(form, item=changed(part))
        case RecordForm(fields) | DictForm(fields):
            return replace(form, fields=tuple((name, changed(part)) for name, part in fields))
        case CallableForm(parameters, result):
            return CallableForm(None if parameters is None else tuple(map(changed, parameters)), changed(result))
    return form


def declared_arrays(form: Form, value: object) -> Iterator[tuple[ArrayType, ArrayType]]:
    """The declared and the actual type of each array in ``value``."""
    if isinstance(form, ArrayType) and isinstance(value, AbstractArray):
        yield form, value.type
    elif isinstance(form, UnionForm):
        for option in form.options:
            yield from declared_arrays(option, value)
    elif isinstance(form, _CompoundForm):
        for one, item in _items(form, value):
            yield from declared_arrays(one, item)


def first_mismatch(
    form: Form, value: object, judge: Callable[[ArrayType | CallableForm, object], Mismatch | None]
) -> Mismatch | None:
    """What ``judge`` says of the first array or callable in ``value`` that does not fit."""
    if isinstance(form, (ArrayType, CallableForm)):
        return judge(form, value)
    if isinstance(form, _CompoundForm):
        found = (first_mismatch(one, item, judge) for one, item in _items(form, value))
        return next((wrong for wrong in found if wrong is not None), None)
    if isinstance(form, UnionForm):
        wrongs = [first_mismatch(option, value, judge) for option in form.about_arrays]
        return wrongs[0] if wrongs and len(wrongs) == 1 and wrongs[0] is not None else None
    return None


def _items(form: _CompoundForm, value: object) -> Iterable[tuple[Form, object]]:
    """The items of a value of this form, each with its own form."""
    match form, value:
        case TupleForm(), tuple() if len(form.items) == len(value):
            return zip(form.items, value, strict=True)
        case SequenceForm(), tuple() | list():
            return ((form.item, item) for item in value)
        case MappingForm(), dict():
            return ((form.item, item) for item in value.values())
        case DictForm(fields), dict():
            return ((part, value[name]) for name, part in fields if name in value)
        case RecordForm(fields), _:
            return ((part, getattr(value, name, None)) for name, part in fields)
    return ()
