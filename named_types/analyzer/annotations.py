"""Annotations: read from the syntax into forms, and held against values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from types import EllipsisType, NoneType
from typing import TYPE_CHECKING, Any

import libcst as cst

from named_types.algebra import UNKNOWN_DIM, ArrayType
from named_types.analyzer.class_values import Class, Kind, any_instance
from named_types.analyzer.context import Frame
from named_types.analyzer.parsing import parse_expression
from named_types.analyzer.scopes import Scope
from named_types.analyzer.syntax import names_in
from named_types.analyzer.values import (
    UNKNOWN,
    AbstractArray,
    DeclaredCallable,
    Library,
    Repeated,
    RepeatedMapping,
    TypeExpression,
    TypeVariable,
    Value,
    sampled,
    tuple_like,
)
from named_types.notation import ArrayNotation, NotationError, read_array_type
from named_types.problems import (
    DuplicateAxisName,
    IncompatibleAssignment,
    IncompatibleReturn,
    InvalidAnnotation,
    Problem,
)
from named_types.semantics.forms import (
    CallableForm,
    ClassForm,
    DictForm,
    Form,
    MappingForm,
    Mismatch,
    NamedTupleForm,
    NoneForm,
    SequenceForm,
    TupleForm,
    UnionForm,
    array_types,
    first_mismatch,
    with_sizes,
    without_variables,
)
from named_types.semantics.lifting import Lifting

if TYPE_CHECKING:
    from named_types.analyzer.interpreter import Interpreter


_SEQUENCES = {
    "builtins.list",
    "typing.List",
    "typing.Sequence",
    "typing.Iterable",
    "collections.abc.Sequence",
    "collections.abc.Iterable",
}
_MAPPINGS = {"builtins.dict", "typing.Dict", "typing.Mapping", "collections.abc.Mapping"}
_CALLABLES = {"typing.Callable", "collections.abc.Callable"}
_TRANSPARENT = {"typing.Final", "typing.ClassVar", "typing.Annotated"}
_TUPLES = {"builtins.tuple", "typing.Tuple"}
_UNIONS = {"typing.Optional", "typing.Union"}
_CONSTRUCTORS = _SEQUENCES | _MAPPINGS | _CALLABLES | _TRANSPARENT | _TUPLES | _UNIONS


def read_annotation(interp: Interpreter, node: cst.BaseExpression) -> Form:
    """The form of an annotation; what is wrong with its notation is reported."""
    match node:
        case cst.SimpleString() | cst.ConcatenatedString():
            return _read_string(interp, node)
        case cst.BinaryOperation(operator=cst.BitOr()):
            return UnionForm((read_annotation(interp, node.left), read_annotation(interp, node.right)))
        case cst.Subscript():
            return _read_subscript(interp, node)
    value = interp.evaluate(node)
    if isinstance(value, ArrayNotation):
        return ArrayType(value.element_type, named_shape=None)
    if isinstance(value, Class):
        return _form_of_class(value)
    if isinstance(value, TypeExpression):
        return _read_alias(interp, value)
    if value is None:
        return NoneForm()
    return value if isinstance(value, ArrayType) else None


def type_expression(interp: Interpreter, base: Value, node: cst.Subscript) -> TypeExpression | None:
    """``tuple[...]``, ``Optional[...]``, ``Pair[int]`` as a value; None for what is indexed otherwise."""
    is_type = isinstance(base, TypeExpression) or (isinstance(base, Library) and base.path in _CONSTRUCTORS)
    return TypeExpression(node, interp.frame.scope) if is_type else None


def is_type(value: Value) -> bool:
    """Whether ``value | None`` is a type."""
    return isinstance(value, (ArrayNotation, ArrayType, Class, TypeExpression))


def is_type_alias(interp: Interpreter, annotation: cst.BaseExpression) -> bool:
    """Whether what is assigned under an annotation is a type."""
    value = interp.evaluate(annotation)
    return isinstance(value, Library) and value.path.rpartition(".")[2] == "TypeAlias"


def _read_alias(interp: Interpreter, alias: TypeExpression, arguments: Sequence[cst.BaseExpression] = ()) -> Form:
    """What an alias stands for, with these arguments; what is wrong with it was reported where it is defined."""
    if alias in interp.aliases:
        return None
    here, scope = interp.frame, Scope(alias.scope)
    for name in alias.parameters or ():
        scope.bind(name, UNKNOWN)
    for name, argument in zip(_parameters(alias) if arguments else (), arguments, strict=False):
        scope.bind(name, TypeExpression(argument, here.scope))
    interp.frame = Frame(scope)
    interp.aliases.append(alias)
    try:
        with interp.within(replace(interp.context, is_trial=True)):
            return read_annotation(interp, alias.node)
    finally:
        interp.aliases.pop()
        interp.frame = here


def _parameters(alias: TypeExpression) -> Iterable[str]:
    """The type parameters of an alias, in the order in which they come."""
    if alias.parameters is not None:
        return alias.parameters
    mentioned = _Names()
    alias.node.visit(mentioned)
    return [name for name in mentioned.found if alias.scope.lookup(name) == (TypeVariable(),)]


class _Names(cst.CSTVisitor):
    """Collects names in the order in which they come."""

    def __init__(self) -> None:
        self.found: dict[str, None] = {}

    def visit_Name(self, node: cst.Name) -> None:
        self.found.setdefault(node.value)


def _read_string(interp: Interpreter, node: cst.SimpleString | cst.ConcatenatedString) -> Form:
    """A quoted annotation: problems are reported at the string, for its inside has no place."""
    text = node.evaluated_value
    if not isinstance(text, str):
        return None
    try:
        expression = parse_expression(text)
    except cst.ParserSyntaxError:
        return None
    with interp.positions.standing_in(node):
        return read_annotation(interp, expression)


def _read_subscript(interp: Interpreter, node: cst.Subscript) -> Form:
    value = interp.evaluate(node.value)
    if isinstance(value, ArrayNotation):
        read = read_notation(interp, value, node)
        return read if isinstance(read, ArrayType) else None
    path = value.path if isinstance(value, Library) else ""
    arguments = [element.slice.value for element in node.slice if isinstance(element.slice, cst.Index)]
    if any(_is_unpacked(interp, element) for element in node.slice):
        return None
    if isinstance(value, TypeExpression):
        return _read_alias(interp, value, arguments)
    if path in _TUPLES:
        if any(isinstance(argument, cst.Ellipsis) for argument in arguments):
            return SequenceForm(read_annotation(interp, arguments[0]))
        return TupleForm(tuple(read_annotation(interp, argument) for argument in arguments))
    if path in _SEQUENCES and len(arguments) == 1:
        return SequenceForm(read_annotation(interp, arguments[0]))
    if path in _MAPPINGS and len(arguments) == 2:
        return MappingForm(read_annotation(interp, arguments[1]))
    if path in _CALLABLES and len(arguments) == 2:
        return _read_callable(interp, *arguments)
    if path == "typing.Optional" and len(arguments) == 1:
        return UnionForm((read_annotation(interp, arguments[0]), NoneForm()))
    if path == "typing.Union":
        return UnionForm(tuple(read_annotation(interp, argument) for argument in arguments))
    return read_annotation(interp, arguments[0]) if path in _TRANSPARENT and arguments else None


def _is_unpacked(interp: Interpreter, element: cst.SubscriptElement) -> bool:
    """``*tuple[int, ...]``, ``Unpack[tuple[int, ...]]``: it stands for any number of arguments."""
    if not isinstance(element.slice, cst.Index) or element.slice.star is not None:
        return True
    node = element.slice.value
    value = interp.evaluate(node.value) if isinstance(node, cst.Subscript) else None
    return isinstance(value, Library) and value.path.rpartition(".")[2] == "Unpack"


def _read_callable(interp: Interpreter, parameters: cst.BaseExpression, result: cst.BaseExpression) -> Form:
    if not isinstance(parameters, cst.List):
        return CallableForm(None, read_annotation(interp, result))
    read = tuple(read_annotation(interp, element.value) for element in parameters.elements)
    return CallableForm(read, read_annotation(interp, result))


def read_notation(interp: Interpreter, notation: ArrayNotation, node: cst.Subscript) -> Value:
    """``f32[...]`` as an `ArrayType`; UNKNOWN, and a diagnostic, where it is not in the notation."""
    indices = [
        interp.evaluate(element.slice.value) if isinstance(element.slice, cst.Index) else element.slice
        for element in node.slice
    ]
    for element, value in zip(node.slice, indices, strict=True):
        _check_duplicates(interp, element.slice, value, node)
    item = indices[0] if len(indices) == 1 and not isinstance(node.slice[0].comma, cst.Comma) else tuple(indices)
    try:
        return read_array_type(notation.element_type, _with_unknown_parts(item))
    except NotationError as error:
        interp.report(InvalidAnnotation(interp.text_of(node), str(error)), node)
        return UNKNOWN


def _with_unknown_parts(item: Value) -> Value:
    """What is not known, as the notation says it: ``...`` for a named shape after a shape, ``'_'`` for a size."""
    if (
        isinstance(item, tuple)
        and len(item) == 2
        and isinstance(item[0], (tuple, EllipsisType))
        and _is_unknown(item[1])
    ):
        return _with_unknown_parts(item[0]), ...
    if isinstance(item, tuple):
        return tuple(_with_unknown_parts(part) for part in item)
    if isinstance(item, dict):
        return {name: _with_unknown_parts(size) for name, size in item.items()}
    return str(UNKNOWN_DIM) if _is_unknown(item) else item


def _is_unknown(part: Value) -> bool:
    """Whether a part of an annotation has no plain value."""
    return not isinstance(part, (bool, int, float, complex, str, bytes, tuple, list, dict, EllipsisType, NoneType))


def _check_duplicates(interp: Interpreter, index: cst.BaseSlice, value: Value, node: cst.Subscript) -> None:
    """A dict that has as many items as are written has each name once."""
    if not isinstance(index, cst.Index) or not isinstance(index.value, cst.Dict):
        return
    if isinstance(value, dict) and len(value) == len(index.value.elements):
        return
    pairs = [one for one in index.value.elements if isinstance(one, cst.DictElement)]
    names = [interp.evaluate(pair.key) for pair in pairs]
    for pair, name in zip(pairs, names, strict=True):
        if name is not UNKNOWN and names.count(name) > 1:
            interp.report(DuplicateAxisName(name, interp.text_of(node)), pair.key)
            break


def check_declared(interp: Interpreter, name: str, value: Value, node: cst.CSTNode) -> Value:
    """Hold a value against the annotation of the variable it is assigned to; what the variable has from there on."""
    declared = interp.frame.scope.declared.get(name)
    return hold(interp, declared, value, lambda wrong: IncompatibleAssignment(*wrong, name), node)


def check_return(interp: Interpreter, value: Value, node: cst.CSTNode) -> Value:
    """Hold a value against the declared result of the function; what the caller gets."""
    frame = interp.frame
    return hold(interp, frame.declared_return, value, lambda wrong: IncompatibleReturn(*wrong, frame.name), node)


def hold(
    interp: Interpreter, form: Form, value: Value, problem: Callable[[Mismatch], Problem], node: cst.CSTNode
) -> Value:
    """Hold a value against its annotation; the value with what the annotation tells of it.

    One that does not fit is reported and taken to be as declared, so that one mistake is told once.
    """
    wrong = mismatch(interp, form, value)
    if wrong is None:
        return refine(interp, form, value)
    interp.report(problem(wrong), node, label=str(wrong[1]))
    return refine(interp, form, UNKNOWN)


def mismatch(interp: Interpreter, form: Form, value: Value) -> Mismatch | None:
    """The first array in ``value`` that does not have its declared type, with both types."""

    def judge(form: ArrayType | CallableForm, value: Any) -> Mismatch | None:
        if isinstance(form, ArrayType):
            return interp.frame.lifting.mismatch(form, value.type) if isinstance(value, AbstractArray) else None
        if form.parameters is None or form.result is None:
            return None
        arguments = [refine(interp, parameter, UNKNOWN) for parameter in form.parameters]
        return mismatch(interp, form.result, interp.try_call(value, arguments))

    return first_mismatch(form, sampled(value), judge)


def refine(interp: Interpreter, form: Form, value: Value) -> Value:
    """An unknown value with what its annotation tells; it may have axes that its function is lifted over."""
    if isinstance(form, ArrayType) and value is UNKNOWN:
        lifting = interp.frame.lifting
        declared = AbstractArray(lifting.declared(form))
        return declared.with_named_shape(None) if lifting.axes else declared
    if isinstance(form, TupleForm):
        items = _unknown_tuple(form) if value is UNKNOWN else value
        if isinstance(items, tuple) and len(items) == len(form.items):
            return tuple_like(items, [refine(interp, one, item) for one, item in zip(form.items, items, strict=True)])
    if isinstance(form, (SequenceForm, MappingForm)) and value is UNKNOWN:
        return _repeated(form, refine(interp, form.item, UNKNOWN))
    if isinstance(form, CallableForm) and value is UNKNOWN:
        return _declared_callable(form, interp.frame.lifting)
    if isinstance(form, (ClassForm, DictForm)) and value is UNKNOWN:
        return declared_value(form)
    return value


def _declared_callable(form: CallableForm, lifting: Lifting) -> Value:
    """A function as it is declared; the sizes that the function around does not tell are unknown."""
    mentioned = [one for part in (*(form.parameters or ()), form.result) for one in array_types(part)]
    if lifting.axes or not mentioned:
        return UNKNOWN
    unknown = dict.fromkeys(frozenset[str]().union(*(one.variables for one in mentioned)), UNKNOWN_DIM)
    declared = with_sizes(form, {**unknown, **lifting.sizes})
    assert isinstance(declared, CallableForm)
    return DeclaredCallable(declared)


def declared_value(form: Form) -> Value:
    """The value a form stands for where nothing else is known."""
    if isinstance(form, ArrayType):
        return AbstractArray(form)
    if isinstance(form, TupleForm):
        return tuple_like(_unknown_tuple(form), [declared_value(item) for item in form.items])
    if isinstance(form, (SequenceForm, MappingForm)):
        return _repeated(form, declared_value(form.item))
    if isinstance(form, DictForm):
        return {name: declared_value(item) for name, item in form.fields}
    if isinstance(form, ClassForm) and isinstance(form.cls, Class):
        return any_instance(form.cls)
    return UNKNOWN


def _repeated(form: SequenceForm | MappingForm, item: Value) -> Value:
    """A container of any length, of which nothing is known that could change."""
    if not array_types(form) or _may_change(form.item):
        return UNKNOWN
    return Repeated(item) if isinstance(form, SequenceForm) else RepeatedMapping(item)


def _may_change(form: Form) -> bool:
    """Whether a value of this form is one that is changed in place, or holds such."""
    match form:
        case TupleForm(items):
            return any(map(_may_change, items))
        case SequenceForm(item) | MappingForm(item):
            return _may_change(item)
    return isinstance(form, (ClassForm, DictForm))


def _unknown_tuple(form: TupleForm) -> tuple[Value, ...]:
    items = [UNKNOWN] * len(form.items)
    return form.type(*items) if isinstance(form, NamedTupleForm) else tuple(items)


def _form_of_class(cls: Class) -> Form:
    if isinstance(cls.values, type) and issubclass(cls.values, tuple):
        return NamedTupleForm(tuple(without_variables(cls.declared.get(name)) for name in cls.fields), cls.values)
    if cls.kind is Kind.DICT:
        return _form_of_typed_dict(cls)
    return ClassForm(cls) if cls.kind in (Kind.OBJECT, Kind.UNKNOWN) else None


def _form_of_typed_dict(cls: Class) -> Form:
    """A `TypedDict` all of whose items are there; None for one that may lack some."""
    nodes = [one.node for one in cls.mro]
    if any(node.keywords or any(name.value == "NotRequired" for name in names_in(node)) for node in nodes):
        return None
    declared = {name: form for one in reversed(cls.mro) for name, form in one.declared.items()}
    return DictForm(tuple((name, without_variables(form)) for name, form in declared.items()))
