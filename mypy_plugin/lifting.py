"""Calls of the program's own functions: dimension variables are bound, and extra named axes lift the function.

mypy asks for a signature before it checks a call. It gets the one that fits the arguments: the dimension
variables replaced by the sizes that the arguments have, and the axes that arguments have beyond their
annotation added to the parameters and, all of them, to the results. An axis that the signature itself mentions
is no extra.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from mypy.plugin import FunctionSigContext, MethodSigContext
from mypy.type_visitor import TypeTranslator
from mypy.types import (
    CallableType,
    FunctionLike,
    Instance,
    Overloaded,
    ProperType,
    TupleType,
    Type,
    TypeAliasType,
    UnionType,
    get_proper_type,
)

from named_types.algebra import NO_NAMES, UNKNOWN_DIM, ArrayType, AxisName, Dim, NamedShape, union
from named_types.mypy_plugin.encoding import (
    Encoder,
    Variables,
    arrays_in,
    decode,
    holds_arrays,
    is_array,
    variable_name,
)
from named_types.mypy_plugin.numpy_arrays import decode_ndarray
from named_types.mypy_plugin.scopes import variables_in_scope
from named_types.mypy_plugin.values import is_number
from named_types.semantics.abstract_array import AbstractArray
from named_types.semantics.lifting import bound_sizes, extra_axes

JITTED: Final = "jax._src.pjit.JitWrapped"
"""The class of jitted functions: they make arrays of numbers."""


def lifted_signature(ctx: FunctionSigContext | MethodSigContext, encoder: Encoder) -> FunctionLike | None:
    """The signature of a function of the program, for these arguments."""
    signature = ctx.default_signature
    if signature.is_type_obj():
        return None
    actuals = {
        index: [ctx.api.get_expression_type(argument, None) for argument in arguments]
        for index, (formal, arguments) in enumerate(zip(signature.arg_types, ctx.args, strict=True))
        if arguments and holds_arrays(formal)
    }
    if not actuals:
        return None
    call = _Call(signature, encoder, variables_in_scope(ctx.api))
    for index, types in actuals.items():
        for actual in types:
            call.bind(signature.arg_types[index], actual)
    formals = [
        call.formal(formal, actuals[index]) if index in actuals else call.plain(formal)
        for index, formal in enumerate(signature.arg_types)
    ]
    return signature.copy_modified(
        arg_types=formals,
        ret_type=call.result(signature.ret_type),
        variables=[one for one in signature.variables if variable_name(one) is None],
    )


@dataclass
class _Call:
    """What the arguments of one call tell about the signature."""

    signature: CallableType
    encoder: Encoder
    scope: Variables
    lifted: list[NamedShape] = field(default_factory=list)
    _arguments: list[tuple[ArrayType, ArrayType]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._is_jitted = self.signature.fallback.type.fullname == JITTED
        self._own = [name for one in self.signature.variables if (name := variable_name(one)) is not None]
        self._mentioned: frozenset[AxisName] = frozenset().union(
            *(_axes_in(type) for type in (*self.signature.arg_types, self.signature.ret_type))
        )

    def bind(self, formal: Type, actual: Type, *, in_function: bool = False) -> None:
        """Take the sizes and the extra axes of one argument, or of the arrays inside it; of a function, the sizes."""
        if isinstance(formal, TypeAliasType) and formal.is_recursive:
            return
        declared, given = self._arrays(formal, actual)
        if declared is not None and given is not None:
            self._arguments.append((declared.type, given.type))
            if not in_function:
                self.lifted.append(self._extra(declared, given))
            return
        of_function = isinstance(get_proper_type(formal), CallableType)
        for part, actual_part in _parts(get_proper_type(formal), get_proper_type(actual)):
            self.bind(part, actual_part, in_function=in_function or of_function)

    @cached_property
    def _sizes(self) -> dict[str, Dim]:
        return bound_sizes(self._arguments)

    def formal(self, formal: Type, actuals: Sequence[Type]) -> Type:
        """What the parameter may be for these arguments: one, or those of ``*args`` and ``**kwargs``."""
        fitted = [self._formal(formal, actual) for actual in actuals]
        return fitted[0] if len(fitted) == 1 else UnionType.make_union(fitted)

    def _formal(self, formal: Type, actual: Type) -> Type:
        declared, given = self._arrays(formal, actual)
        if declared is not None and self._is_jitted and is_number(actual):
            return actual
        if declared is None or given is None:
            return self.plain(formal)
        fitted = self._fitted(declared, self._extra(declared, given))
        if given.library == "numpy" and fitted.type.compatible(given.type):
            return actual
        return self._encoded(fitted)

    def plain(self, formal: Type) -> Type:
        """What a parameter is that nothing lifts."""
        return formal.accept(_Replacer(self, NO_NAMES))

    def result(self, result: Type) -> Type:
        return result.accept(_Replacer(self, union(self.lifted)))

    def fitted(self, declared: AbstractArray, extra: NamedShape) -> Instance:
        return self._encoded(self._fitted(declared, extra))

    def _arrays(self, formal: Type, actual: Type) -> tuple[AbstractArray | None, AbstractArray | None]:
        return decode(formal), decode(actual) or decode_ndarray(actual, self.encoder)

    def _extra(self, declared: AbstractArray, given: AbstractArray) -> NamedShape:
        return extra_axes(declared.type, given.type, self._mentioned)

    def _fitted(self, declared: AbstractArray, extra: NamedShape) -> AbstractArray:
        sizes = {name: self._sizes.get(name, UNKNOWN_DIM) for name in self._own}
        fitted = declared.type.substitute(sizes)
        if fitted.named_shape is not None:
            fitted = fitted.with_named_shape(union([fitted.named_shape, extra]))
        return declared.with_type(fitted)

    def _encoded(self, array: AbstractArray) -> Instance:
        return self.encoder.array(array.type, self.scope, weak_type=array.weak_type)


class _Replacer(TypeTranslator):
    """Fits every array in a type to a call."""

    def __init__(self, call: _Call, extra: NamedShape) -> None:
        super().__init__()
        self._call = call
        self._extra = extra

    def visit_instance(self, t: Instance) -> Type:
        declared = decode(t)
        return super().visit_instance(t) if declared is None else self._call.fitted(declared, self._extra)

    def visit_callable_type(self, t: CallableType) -> Type:
        """A function among the arguments is called inside, with whatever axes there are there."""
        if self._extra:
            return t.accept(_Replacer(self._call, NO_NAMES))
        return super().visit_callable_type(t)

    def visit_overloaded(self, t: Overloaded) -> Type:
        return t

    def visit_type_alias_type(self, t: TypeAliasType) -> Type:
        return t if t.is_recursive else get_proper_type(t).accept(self)


def _parts(formal: ProperType, actual: ProperType) -> list[tuple[Type, Type]]:
    """The types inside two types of one form."""
    if isinstance(formal, UnionType):
        return [(item, actual) for item in formal.items]
    if isinstance(formal, TupleType) and isinstance(actual, TupleType) and len(formal.items) == len(actual.items):
        return list(zip(formal.items, actual.items, strict=True))
    if isinstance(formal, Instance) and isinstance(actual, Instance) and formal.type is actual.type:
        return list(zip(formal.args, actual.args, strict=True)) if not is_array(formal) else []
    if isinstance(formal, CallableType) and isinstance(actual, CallableType) and not actual.variables:
        return [*zip(formal.arg_types, actual.arg_types, strict=False), (formal.ret_type, actual.ret_type)]
    return []


def _axes_in(type: Type) -> frozenset[AxisName]:
    return frozenset().union(*(array.type.named_shape or NO_NAMES for array in arrays_in(type)))
