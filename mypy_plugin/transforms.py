"""The types of transformed functions: ``jax.jit(f)``, ``jax.vmap(f)``, ``jax.grad(f)``, ``xmap(f, ...)``.

Which transform it is, and what it is told, the analyzer knows, however it is written: as a call, as a decorator, by way
of ``functools.partial``. What the function takes and gives, its annotations say. A transform of a function without
annotations keeps the type of the stub: its calls have the analyzer's types.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mypy.nodes import ARG_STAR, ARG_STAR2, Decorator, Expression, RefExpr
from mypy.plugin import FunctionContext, MethodContext
from mypy.types import CallableType, Instance, TupleType, Type, get_proper_type

from named_types.algebra import NO_NAMES
from named_types.mypy_plugin.analysis import Analyses
from named_types.mypy_plugin.encoding import Encoder, arrays_in, unknown
from named_types.mypy_plugin.mapped import variables_of, vmapped, xmapped
from named_types.mypy_plugin.structures import is_about_arrays, rebuilt, structure_of
from named_types.mypy_plugin.values import is_number
from named_types.semantics.abstract_array import UNKNOWN, AbstractArray

if TYPE_CHECKING:
    from named_types.analyzer.values import Differentiated

_MAPS = frozenset({"jax._src.api.vmap", "jax._src.api.pmap"})
"""Transforms whose stubs say that the function stays what it is, while its arrays have another axis."""


@dataclass(frozen=True)
class Transforms:
    """The hook for what may be a transform of a function."""

    encoder: Encoder
    analyses: Analyses

    def transformed(self, ctx: FunctionContext | MethodContext, fullname: str) -> Type | None:
        """The type of a call, or of a decorator, that transforms an annotated function; None for any other."""
        function = get_proper_type(ctx.arg_types[0][0]) if ctx.arg_types and ctx.arg_types[0] else None
        if not isinstance(function, CallableType) or not is_about_arrays(function):
            return None
        answer = self._transformed(ctx, function, fullname)
        return _any_function(function) if answer is None and fullname in _MAPS else answer

    def _transformed(self, ctx: FunctionContext | MethodContext, function: CallableType, fullname: str) -> Type | None:
        from named_types.analyzer.values import Differentiated, Function, Vmapped, Xmapped

        given = get_proper_type(ctx.default_return_type)
        before, after = self._values(ctx, fullname)
        if after is UNKNOWN:
            return None
        if after is before or isinstance(after, Function):
            return function.copy_modified(fallback=given) if isinstance(given, Instance) else function
        match after:
            case Xmapped(axes=axes) if isinstance(given, Instance):
                return xmapped(function, axes, given, self.encoder)
            case Vmapped(axes=axes):
                return vmapped(function, axes, self.encoder)
            case Differentiated():
                return self._differentiated(function, after)
        return None

    def _values(self, ctx: FunctionContext | MethodContext, fullname: str) -> tuple[Any, Any]:
        """The function before and after the transform, as the analyzer knows it."""
        path, context = ctx.api.path, ctx.context
        if not isinstance(context, Decorator):
            return self.analyses.value_at(path, ctx.args[0][0]), self.analyses.value_at(path, context)
        decorators = context.original_decorators
        values = [self.analyses.decorated_at(path, one) for one in decorators]
        places = [at for at, one in enumerate(decorators) if _is_applied(one, fullname)]
        if len(places) != 1:
            return None, UNKNOWN
        return (*values, None)[places[0] + 1], values[places[0]]

    def _differentiated(self, function: CallableType, value: Differentiated) -> Type | None:
        numbers = value.argnums if isinstance(value.argnums, tuple) else (value.argnums,)
        if not all(-len(function.arg_types) <= number < len(function.arg_types) for number in numbers):
            return None
        gradients = [self._gradient(function, function.arg_types[number]) for number in numbers]
        gradient = self.encoder.tuple(gradients) if isinstance(value.argnums, tuple) else gradients[0]
        result = get_proper_type(function.ret_type)
        if value.has_value:
            return function.copy_modified(ret_type=self.encoder.tuple([result, gradient]))
        if value.has_aux:
            aux = result.items[1] if isinstance(result, TupleType) and len(result.items) == 2 else unknown()
            return function.copy_modified(ret_type=self.encoder.tuple([gradient, aux]))
        return function.copy_modified(ret_type=gradient)

    def _gradient(self, function: CallableType, type: Type) -> Type:
        """What it is taken by; where named axes are about, with those that the backward pass has."""
        arrays = [array for one in (*function.arg_types, function.ret_type) for array in arrays_in(one)]
        if all(array.type.named_shape == NO_NAMES for array in arrays):
            return unknown() if is_number(type) else type

        def gradient(leaf: Any) -> Any:
            return leaf.with_named_shape(None) if isinstance(leaf, AbstractArray) else leaf

        import jax  # here, for most programs are checked without it

        structure = jax.tree_util.tree_map(gradient, structure_of(type))
        return rebuilt(type, structure, self.encoder, variables_of(function))


def _is_applied(decorator: Expression, fullname: str) -> bool:
    """Whether a decorator is the function of this name, or a call that gives the object that has this method."""
    if isinstance(decorator, RefExpr):
        return decorator.fullname == fullname
    return fullname.endswith(".__call__")


def _any_function(function: CallableType) -> CallableType:
    return function.copy_modified(
        arg_types=[unknown(), unknown()],
        arg_kinds=[ARG_STAR, ARG_STAR2],
        arg_names=[None, None],
        ret_type=unknown(),
        variables=[],
        name=None,
        definition=None,
    )
