"""Array types as mypy's types, and back.

``f32[(5, 7), {'b': 4}]`` is ``jax.Array`` made generic (`make_generic`):

    Array[
        tuple[Literal['num'], Literal['inexact'], Literal['floating'], Literal['f32']],     element type
        tuple[Dim[Literal[5]], Dim[Literal[7]]],                                            shape
        tuple[tuple[Literal['b'], Dim[Literal[4]]]],                                        named shape, sorted
        Any,                                                                                weak type
    ]

and what is unknown is ``Any``, so that mypy's own rules for tuples, literals and ``Any`` are those of array
types. An element type is its lineage of families: two of them are compatible if no level of it differs, and
``floating``, which ends in ``Any``, is gradual in both directions. A dimension variable is a type variable.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final

from mypy.nodes import COVARIANT, SymbolNode, TypeInfo
from mypy.plugin import ClassDefContext, Plugin
from mypy.types import (
    AnyType,
    CallableType,
    Instance,
    LiteralType,
    ProperType,
    TupleType,
    Type,
    TypeAliasType,
    TypeOfAny,
    TypeVarId,
    TypeVarType,
    UnionType,
    UnpackType,
    get_proper_type,
)

from named_types.algebra import (
    ANY_SHAPE,
    ELEMENT_TYPES,
    SHAPED,
    UNKNOWN_DIM,
    ArrayType,
    AxisName,
    Dim,
    ElementType,
    NamedShape,
    Shape,
    SymbolicDim,
    parse_dim,
)
from named_types.algebra.dim import substitute, variable
from named_types.mypy_plugin.compatibility import FITS_ANY_LENGTH
from named_types.semantics.abstract_array import AbstractArray

ARRAY: Final = "jax._src.basearray.Array"
DIM: Final = "named_types.mypy_types.Dim"
DIM_EXPRESSION: Final = "named_types.mypy_types.DimExpression"
ORDERED: Final = "named_types.mypy_types.Ordered"

VARIABLE_PREFIX: Final = "dim·"
"""Type variables for dimension variables are named so: an identifier that no program uses."""

Variables = Mapping[str, Type]
"""Dimension variables, and the types that stand for them."""


class NotLoadedError(Exception):
    """A class of the encoding that mypy has not loaded in this run."""


def make_generic(ctx: ClassDefContext) -> None:
    """Give ``jax.Array`` its type parameters: element type, shape, named shape, weak type, all unknown by default."""
    info = ctx.cls.info
    if info.type_vars:
        return
    bound = ctx.api.named_type("builtins.object", [])
    ctx.cls.type_vars = [
        TypeVarType(
            name,
            f"{info.fullname}.{name}",
            TypeVarId(number, namespace=info.fullname),
            [],
            bound,
            unknown(),
            COVARIANT,
        )
        for number, name in enumerate(("ElementType", "Shape", "NamedShape", "WeakType"), 1)
    ]
    info.type_vars = []
    info.add_type_vars()


def unknown() -> AnyType:
    """The ``Any`` that no ``--disallow-any`` option reports."""
    return AnyType(TypeOfAny.special_form)


class Encoder:
    """Writes array types as mypy's types; raises `NotLoadedError` where the program has loaded no jax."""

    def __init__(self, plugin: Plugin) -> None:
        self._plugin = plugin

    def instance(self, fullname: str, args: Sequence[Type] = ()) -> Instance:
        node = self.lookup(fullname)
        if not isinstance(node, TypeInfo):
            raise NotLoadedError(fullname)
        return Instance(node, list(args))

    def lookup(self, fullname: str) -> SymbolNode | None:
        symbol = self._plugin.lookup_fully_qualified(fullname)
        return None if symbol is None else symbol.node

    def literal(self, value: int | str | bool) -> LiteralType:
        return LiteralType(value, self.instance(f"builtins.{type(value).__name__}"))

    def tuple(self, items: Sequence[Type]) -> TupleType:
        return TupleType(list(items), self.instance("builtins.tuple", [self.instance("builtins.object")]))

    def array(self, array: ArrayType, variables: Variables | None = None, *, weak_type: bool = False) -> Instance:
        """The type of ``array``. Dimension variables that ``variables`` lacks are unknown sizes."""
        bound = variables or {}
        weak = self.literal(True) if weak_type else unknown()
        parts = (
            self._element_type(array.element_type),
            self._shape(array.shape, bound),
            self._named_shape(array.named_shape, bound),
            weak,
        )
        generic = self.instance(ARRAY)
        if len(generic.type.type_vars) != len(parts):
            raise NotLoadedError(ARRAY)
        return generic.copy_modified(args=parts)

    def dim(self, dim: Dim, variables: Variables) -> Type:
        if isinstance(dim, int):
            return self.instance(DIM, [self.literal(dim)])
        if not isinstance(dim, SymbolicDim) or not dim.variables <= variables.keys():
            return unknown()
        if dim == variable(text := str(dim)):
            return self.instance(DIM, [variables[text]])
        names = self.tuple([variables[name] for name in sorted(dim.variables)])
        return self.instance(DIM, [self.instance(DIM_EXPRESSION, [self.literal(text), names])])

    def _element_type(self, element_type: ElementType) -> Type:
        if element_type is SHAPED:
            return unknown()
        return self.tuple([unknown() if name is None else self.literal(name) for name in _lineage(element_type)])

    def _shape(self, shape: Shape, variables: Variables) -> Type:
        if shape == ANY_SHAPE or (shape.any_leading and not FITS_ANY_LENGTH):
            return unknown()
        dims = [self.dim(dim, variables) for dim in shape.dims]
        if shape.any_leading:
            dims.insert(0, UnpackType(self.instance("builtins.tuple", [unknown()])))
        return self.tuple(dims)

    def _named_shape(self, named_shape: NamedShape | None, variables: Variables) -> Type:
        names = sorted(named_shape or (), key=lambda name: (type(name).__name__, repr(name)))
        if named_shape is None or not all(type(name) in (str, int) for name in names):
            return unknown()
        return self.tuple(
            [self.tuple([self.literal(name), self.dim(named_shape[name], variables)]) for name in names]  # type: ignore[arg-type]
        )


def is_array(type: Type | None) -> bool:
    proper = get_proper_type(type)
    return isinstance(proper, Instance) and proper.type.fullname == ARRAY and len(proper.args) == 4


def arrays_in(type: Type) -> list[AbstractArray]:
    """The arrays that a value of a type holds: itself, or those in a tuple, a union or a container."""
    if isinstance(type, TypeAliasType) and type.is_recursive:
        return []
    proper = get_proper_type(type)
    array = decode(proper)
    if array is not None:
        return [array]
    inner: Sequence[Type] = ()
    if isinstance(proper, Instance):
        inner = proper.args
    elif isinstance(proper, (TupleType, UnionType)):
        inner = proper.items
    return [array for part in inner for array in arrays_in(part)]


def holds_arrays(type: Type) -> bool:
    """Whether a type is about arrays: those of values, and those that a function takes and gives."""
    proper = get_proper_type(type)
    if isinstance(proper, CallableType):
        return any(map(holds_arrays, (*proper.arg_types, proper.ret_type)))
    return bool(arrays_in(proper))


def decode(type: Type) -> AbstractArray | None:
    """The abstract value of an array's type; None for any other type."""
    proper = get_proper_type(type)
    if isinstance(proper, Instance) and proper.type.is_newtype:
        return decode(proper.type.bases[0])
    if not (isinstance(proper, Instance) and is_array(proper)):
        return None
    element_type, shape, named_shape, weak_type = map(get_proper_type, proper.args)
    array = ArrayType(_read_element_type(element_type), _read_shape(shape), _read_named_shape(named_shape))
    return AbstractArray(array, weak_type=isinstance(weak_type, LiteralType))


def variable_name(type: Type) -> str | None:
    """The dimension variable that a type variable stands for."""
    proper = get_proper_type(type)
    if isinstance(proper, TypeVarType) and proper.name.startswith(VARIABLE_PREFIX):
        return proper.name.removeprefix(VARIABLE_PREFIX)
    return None


def variables_in(type: Type) -> frozenset[Type]:
    """The type variables in it that stand for dimension variables, but for those that functions in it bind."""
    if isinstance(type, TypeAliasType) and type.is_recursive:
        return frozenset()
    proper = get_proper_type(type)
    if variable_name(proper) is not None:
        return frozenset({proper})
    inner: Sequence[Type] = ()
    if isinstance(proper, Instance):
        inner = proper.args
    elif isinstance(proper, (TupleType, UnionType)):
        inner = proper.items
    return frozenset().union(*map(variables_in, inner))


def decode_dim(type: Type) -> Dim:
    """The size that a `Dim` stands for, unknown for what is none."""
    proper = get_proper_type(type)
    if not (isinstance(proper, Instance) and proper.type.fullname == DIM):
        return UNKNOWN_DIM
    return _read_size(get_proper_type(proper.args[0]))


def element_type_of_lineage(names: Sequence[str | None]) -> ElementType:
    """Undo the lineage: the last name that is known."""
    known = [name for name in names if name is not None]
    return ELEMENT_TYPES.get(known[-1], SHAPED) if known else SHAPED


def dim_of_expression(text: str, sizes: Sequence[Dim]) -> Dim:
    """The dim of a `DimExpression` with these sizes for its variables, which are sorted by name."""
    dim = parse_dim(text)
    if not isinstance(dim, SymbolicDim) or len(sizes) != len(dim.variables):
        return UNKNOWN_DIM
    return substitute(dim, dict(zip(sorted(dim.variables), sizes, strict=True)))


@cache
def _lineage(element_type: ElementType) -> tuple[str | None, ...]:
    """The families it belongs to, widest first, then itself; as long as the longest one."""
    families = [
        family
        for family in ELEMENT_TYPES.values()
        if family.is_family and family is not SHAPED and element_type.members < family.members
    ]
    names = [family.name for family in sorted(families, key=lambda family: -len(family.members))]
    padding = [None if element_type.is_family else element_type.name] * (_LINEAGE_LENGTH - len(names) - 1)
    return (*names, element_type.name, *padding)


_LINEAGE_LENGTH = 4


def _read_element_type(type: ProperType) -> ElementType:
    if not isinstance(type, TupleType):
        return SHAPED
    names = [_read_literal(item) for item in type.items]
    unknown_from = names.index(None) if None in names else len(names)
    return element_type_of_lineage([name for name in names[:unknown_from] if isinstance(name, str)])


def _read_shape(type: ProperType) -> Shape:
    if not isinstance(type, TupleType):
        return ANY_SHAPE
    any_leading = bool(type.items) and isinstance(type.items[0], UnpackType)
    return Shape(tuple(decode_dim(item) for item in type.items[any_leading:]), any_leading)


def _read_named_shape(type: ProperType) -> NamedShape | None:
    if not isinstance(type, TupleType):
        return None
    sizes: dict[AxisName, Dim] = {}
    for pair in map(get_proper_type, type.items):
        name = _read_literal(pair.items[0]) if isinstance(pair, TupleType) and len(pair.items) == 2 else None
        if name is None or not isinstance(pair, TupleType):
            return None
        sizes[name] = decode_dim(pair.items[1])
    return NamedShape(sizes)


def _read_size(type: ProperType) -> Dim:
    if isinstance(type, LiteralType) and isinstance(type.value, int):
        return type.value
    if (name := variable_name(type)) is not None:
        return variable(name)
    if isinstance(type, Instance) and type.type.fullname == DIM_EXPRESSION:
        text, variables = (get_proper_type(arg) for arg in type.args)
        if isinstance(text, LiteralType) and isinstance(text.value, str) and isinstance(variables, TupleType):
            return dim_of_expression(text.value, [_read_size(get_proper_type(item)) for item in variables.items])
    return UNKNOWN_DIM


def _read_literal(type: Type) -> str | int | None:
    proper = get_proper_type(type)
    return proper.value if isinstance(proper, LiteralType) and isinstance(proper.value, (str, int)) else None
