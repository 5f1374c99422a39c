"""What an expression may stand for.

A plain Python value stands for itself: numbers, strings, None, tuples, lists, dicts, slices, ranges, dtypes, and
the values of the notation. So a pytree of values is a Python pytree with `AbstractArray` leaves, which is what
the semantics take. What has no plain value is one of the classes here, or UNKNOWN.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any, TypeAlias

import libcst as cst

from named_types.algebra import UNKNOWN_DIM, Shape
from named_types.algebra.axis_resources import Resource
from named_types.analyzer.scopes import Scope
from named_types.semantics.abstract_array import UNKNOWN as UNKNOWN
from named_types.semantics.abstract_array import AbstractArray as AbstractArray
from named_types.semantics.abstract_array import Unknown
from named_types.semantics.forms import CallableForm
from named_types.semantics.xmap_axes import XmapAxes

Value: TypeAlias = Any
Args: TypeAlias = Sequence[Value]
Kwargs: TypeAlias = Mapping[str, Value]


@dataclass(frozen=True, eq=False)
class Function:
    """A function of the program: its syntax, and the scope it closes over."""

    name: str
    node: cst.FunctionDef | cst.Lambda
    scope: Scope
    defaults: Mapping[str, Value] = field(default_factory=dict)
    bound: tuple[Value, ...] = ()
    """Arguments that come before those of a call: of a method, what it is a method of."""
    is_virtual: bool = False
    """Whether a class that inherits it may have another one: all that is known is its signature."""


@dataclass(frozen=True, eq=False)
class Partial:
    """``functools.partial(function, *args, **kwargs)``."""

    function: Value
    args: tuple[Value, ...]
    kwargs: Mapping[str, Value]


@dataclass(frozen=True, eq=False)
class Manager:
    """``contextlib.contextmanager(function)``."""

    function: Value


@dataclass(frozen=True, eq=False)
class ManagerCall:
    """What a `Manager` gives when it is called, at ``node``: a context manager that runs the generator."""

    function: Function
    args: tuple[Value, ...]
    kwargs: Mapping[str, Value]
    node: cst.CSTNode


@dataclass(frozen=True, eq=False)
class Native:
    """A function of Python's own that one of its functions gives: ``operator.itemgetter(0)``."""

    function: Any
    """Called with the interpreter, the arguments by position and by keyword, and the node of the call."""


@dataclass(frozen=True, eq=False)
class Awaitable:
    """What calling a coroutine function gives: the value that awaiting it gives."""

    value: Value


@dataclass(frozen=True)
class Library:
    """A module or callable of a library, by its dotted path."""

    path: str


@dataclass(frozen=True, eq=False)
class TypeExpression:
    """What an alias of a compound type stands for, ``tuple[Batch, Batch]``: its syntax, and the scope to read it in."""

    node: cst.BaseExpression
    scope: Scope
    parameters: tuple[str, ...] | None = None
    """The type parameters of a type statement; None where they are the type variables that the syntax mentions."""


@dataclass(frozen=True)
class TypeVariable:
    """What ``TypeVar('T')`` makes."""


@dataclass(frozen=True)
class Number:
    """A Python number of which only the type is known: ``int`` or ``float``."""

    kind: type[int] | type[float]


@dataclass(frozen=True)
class Repeated:
    """Something to iterate over, of unknown length, all of whose items are of one kind: the rows of an array."""

    item: Value


@dataclass(frozen=True)
class RepeatedMapping:
    """A mapping with keys that are not known, all of whose values are of one kind."""

    item: Value


@dataclass(frozen=True)
class DeclaredCallable:
    """A function of which only the annotation is known."""

    form: CallableForm


@dataclass(frozen=True, eq=False)
class Endless:
    """Something to iterate over that never ends: ``itertools.cycle(layers)``, before the first item is taken."""

    take: Callable[[int], list[Value]]
    """The first so many items."""


@dataclass(frozen=True, eq=False)
class Method:
    """``receiver.name``, not yet called."""

    receiver: Value
    name: str


@dataclass(frozen=True)
class IndexedUpdate:
    """``array.at[index]``; without an index, ``array.at``."""

    array: AbstractArray
    index: Value = UNKNOWN
    is_indexed: bool = False


@dataclass(frozen=True, eq=False)
class Xmapped:
    """What xmap returns: the mapped function and what xmap was told, with the call that told it."""

    function: Value
    axes: XmapAxes
    node: cst.CSTNode


@dataclass(frozen=True, eq=False)
class VmappedAxis:
    """The name of the axis that one `jax.vmap` maps over, where the program gives it none."""

    def __repr__(self) -> str:
        return "vmap"


@dataclass(frozen=True, eq=False)
class LibraryFunction:
    """A function that a library call gives: ``jax.hessian(f)``, or the pullback of ``jax.vjp(f, x)``.

    It is the result of ``function(*args, **kwargs)``, or the result's leaf of that ``index``.
    """

    function: Library | LibraryFunction
    args: tuple[Value, ...]
    kwargs: Mapping[str, Value]
    index: int | None = None

    @property
    def path(self) -> str:
        """The library function that all began with."""
        return self.function.path


@dataclass(frozen=True, eq=False)
class Vmapped:
    """``jax.vmap(function, in_axes, out_axes)``: an xmap over one axis."""

    function: Value
    axes: XmapAxes
    is_named: bool
    """Whether the body can mention the axis."""
    made_by: LibraryFunction


@dataclass(frozen=True, eq=False)
class Differentiated:
    """``jax.grad(function, argnums, has_aux)``; with ``has_value``, ``jax.value_and_grad``."""

    function: Value
    argnums: int | tuple[int, ...]
    has_aux: bool
    has_value: bool
    made_by: LibraryFunction


@dataclass(frozen=True, eq=False)
class CustomDerivative:
    """``jax.custom_jvp(function)`` or ``jax.custom_vjp(function)``, and the rules it has been told so far."""

    function: Value
    made_by: LibraryFunction
    rules: dict[str, tuple[Value, ...]] = field(default_factory=dict)
    """By the method that tells them: ``defvjp`` with the forward and the backward function."""


CALLABLES = (
    CustomDerivative,
    DeclaredCallable,
    Differentiated,
    Function,
    Library,
    LibraryFunction,
    Manager,
    Native,
    Partial,
    Vmapped,
    Xmapped,
)
"""What can be called, whatever is known of it."""


@dataclass(frozen=True)
class Devices:
    """An array or list of devices."""

    shape: Shape

    @property
    def count(self) -> int | None:
        """How many devices there are, None where that is not known."""
        dims = [dim for dim in self.shape.dims if isinstance(dim, int)]
        return prod(dims) if self.shape.rank is not None and len(dims) == self.shape.rank else None

    @property
    def rows(self) -> list[Value] | None:
        """What iterating over it gives, None where that is not known."""
        first = self.shape.dims[0] if self.shape.rank else None
        return [self.at(0)] * first if self.count and isinstance(first, int) else None

    def at(self, index: Value) -> Devices | Unknown:
        """``devices[index]``."""
        parts = index if isinstance(index, tuple) else (index,)
        bounds = [one for part in parts for one in _bounds(part)]
        if self.count is None or not all(one is None or one is ... or type(one) is int for one in bounds):
            is_slice = isinstance(index, slice) and self.shape.rank == 1
            return Devices(Shape((UNKNOWN_DIM,))) if is_slice else UNKNOWN
        return self.through(lambda devices: devices[index])

    def through(self, operation: Callable[[Any], Any]) -> Devices | Unknown:
        """What an operation of NumPy makes of an array of so many devices."""
        if self.count is None or self.count > _MOST_DEVICES:
            return UNKNOWN
        import numpy as np  # here, for few programs need it

        try:
            return Devices(Shape(operation(np.empty(self.shape.dims, bool)).shape))
        except (TypeError, ValueError, IndexError):
            return UNKNOWN


_MOST_DEVICES = 1 << 20


def _bounds(part: Value) -> tuple[Value, ...]:
    return (part.start, part.stop, part.step) if isinstance(part, slice) else (part,)


@dataclass(frozen=True)
class MeshValue:
    """A mesh of devices: the resources it brings into scope, with their sizes where they are known."""

    resources: Mapping[Resource, int | None]


@dataclass(frozen=True)
class MeshOfProgram:
    """``jax.set_mesh(mesh)``."""

    mesh: Value


@dataclass(frozen=True)
class LoopValue:
    """``serial_loop(name, length)``: the resource that it brings into scope."""

    name: Resource
    length: int | None


EXPECTS_ERRORS = (Library("contextlib.suppress"), Library("pytest.raises"))
"""Context managers whose block may fail."""


def as_seen(value: Value) -> Value:
    """A value as its type is told: without the axes that the program has no name for."""
    if isinstance(value, AbstractArray) and value.type.named_shape:
        unnamed = [axis for axis in value.type.named_shape if isinstance(axis, VmappedAxis)]
        return value.with_named_shape(value.type.named_shape.eliminate(unnamed)) if unnamed else value
    if isinstance(value, tuple):
        return tuple_like(value, [as_seen(item) for item in value])
    return value


class Forgotten(enum.Enum):
    """The only item of a list, dict or set that was changed in a way that is not modelled."""

    FORGOTTEN = "forgotten"


def forget(container: list[Any] | dict[Any, Any] | set[Any]) -> None:
    """From now on nothing is known of the container, by whatever name it goes."""
    container.clear()
    if isinstance(container, list):
        container.append(Forgotten.FORGOTTEN)
    elif isinstance(container, set):
        container.add(Forgotten.FORGOTTEN)
    else:
        container[Forgotten.FORGOTTEN] = UNKNOWN


def is_forgotten(value: Value) -> bool:
    if isinstance(value, dict):
        return Forgotten.FORGOTTEN in value
    return isinstance(value, (list, set)) and next(iter(value), None) is Forgotten.FORGOTTEN


def tuple_like(original: tuple[Any, ...], items: Iterable[Any]) -> tuple[Any, ...]:
    """A tuple of other items; a named one of its own type."""
    return type(original)._make(items) if hasattr(original, "_make") else tuple(items)


REPEATED = (Repeated, RepeatedMapping)
"""Containers of any length, whose items are of one kind."""


def sampled(value: Value) -> Value:
    """A value with one item in the place of items of one kind."""
    match value:
        case Repeated(item):
            return (sampled(item),)
        case RepeatedMapping(item):
            return {"": sampled(item)}
        case tuple():
            return tuple_like(value, map(sampled, value))
    return value


COMPOUND = (tuple, list, dict, set, str, bytes, Partial, LibraryFunction, Xmapped)
"""What may hold, or be, more than one item."""


def weight(value: Value, limit: int) -> int:
    """How many items a value has in all, counted up to ``limit``; one that is nested too deeply has that many."""
    items, level = 0, [value]
    for _ in range(_DEEPEST):
        items += sum(len(one) if isinstance(one, (str, bytes)) else 1 for one in level)
        level = [part for one in level for part in _parts(one)]
        if not level or items >= limit:
            return min(items, limit)
    return limit


_DEEPEST = 40


def _parts(value: Value) -> Collection[Value]:
    match value:
        case tuple() | list() | set():
            return value
        case dict():
            return value.values()
        case Partial() | LibraryFunction():
            return (value.function, *value.args, *value.kwargs.values())
        case Xmapped():
            return (value.function,)
    return ()
