"""A call of a library function, as the oracle traces it and as the memo knows it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from named_types.algebra import UNKNOWN_DIM, Dim, NamedShape, Shape, SymbolicDim
from named_types.algebra.dim import substitute
from named_types.semantics import library
from named_types.semantics.abstract_array import AbstractArray
from named_types.semantics.precision import x64_is_enabled
from named_types.semantics.pytrees import PyTree, all_leaves, tree_flatten


@dataclass(frozen=True)
class LibraryCall:
    """A call: the leaves of its arguments, and their structure."""

    path: str
    leaves: tuple[Any, ...]
    structure: Any
    env: NamedShape
    """The axis env, as far as the call mentions its names."""
    function: Callable[..., Any] | None = None
    """What is called, where it is not the function behind the path."""

    @property
    def key(self) -> Any:
        of_leaf = _kind_key if self._is_elementwise else _leaf_key
        return self.path, self.structure, tuple(map(of_leaf, self.leaves)), self.env, x64_is_enabled()

    @property
    def is_of_numpy(self) -> bool:
        """Whether NumPy answers: its own functions, and operators on its arrays alone."""
        if self.path.startswith("numpy."):
            return True
        arrays = [leaf for leaf in self.leaves if isinstance(leaf, AbstractArray)]
        return self.path in library.OPERATORS and all(one.library == "numpy" for one in arrays)

    @property
    def _is_elementwise(self) -> bool:
        """Whether the numbers among its arguments count for their types alone."""
        if self.path not in library.ELEMENTWISE:
            return False
        args, kwargs = self.structure.unflatten(self.leaves)
        is_flat = len(args) == len(self.leaves) and not kwargs and all_leaves(args)
        return is_flat and any(isinstance(leaf, AbstractArray) and leaf.library == "jax" for leaf in self.leaves)

    @property
    def arguments(self) -> tuple[str, ...]:
        args, kwargs = self.structure.unflatten([_Shown(leaf) for leaf in self.leaves])
        return (*map(str, args), *(f"{name}={value}" for name, value in kwargs.items()))

    @property
    def dims(self) -> list[Dim]:
        """Every size among its arguments that may be symbolic."""
        in_shapes = [leaf.type.shape.dims for leaf in self.leaves if isinstance(leaf, AbstractArray)]
        in_slices = [(leaf.start, leaf.stop, leaf.step) for leaf in self.leaves if isinstance(leaf, slice)]
        groups = [self.leaves, tuple(self.env.values()), *in_shapes, *in_slices]
        return [dim for group in groups for dim in group if isinstance(dim, SymbolicDim)]

    @property
    def is_given_sizes(self) -> bool:
        """Whether a symbolic size is an argument: where one is to be that of another, JAX takes it on trust."""
        return any(isinstance(leaf, SymbolicDim) for leaf in self.leaves)

    @property
    def variables(self) -> frozenset[str]:
        return frozenset().union(*(dim.variables for dim in self.dims if isinstance(dim, SymbolicDim)))

    def with_dims(self, sizes: Mapping[str, Dim], unknown: Dim = UNKNOWN_DIM) -> LibraryCall:
        """With sizes for the dimension variables, and for axes of unknown size."""
        env = {axis: unknown if size is UNKNOWN_DIM else size for axis, size in self.env.substitute(sizes).items()}
        leaves = tuple(with_size(leaf, lambda dim: substitute(dim, sizes)) for leaf in self.leaves)
        return replace(self, leaves=leaves, env=NamedShape(env))


def with_size(leaf: Any, size: Callable[[Dim], Any]) -> Any:
    """A leaf with every symbolic size in it replaced."""
    if isinstance(leaf, AbstractArray):
        return leaf.with_type(replace(leaf.type, shape=Shape(tuple(map(size, leaf.type.shape.dims)))))
    if isinstance(leaf, slice):
        return slice(*(with_size(part, size) for part in (leaf.start, leaf.stop, leaf.step)))
    return size(leaf) if isinstance(leaf, SymbolicDim) else leaf


def flatten_arguments(args: PyTree, kwargs: PyTree) -> tuple[tuple[Any, ...], Any]:
    """The leaves of the arguments, None among them, and their structure."""
    leaves, structure = tree_flatten((tuple(args), dict(kwargs)), ends_pytree)
    return tuple(leaves), structure


def ends_pytree(node: object) -> bool:
    """Whether a node of a pytree is a leaf to the oracle: None, and functions, some of which are pytrees to JAX."""
    return node is None or callable(node)


def _leaf_key(leaf: Any) -> Any:
    if isinstance(leaf, AbstractArray):
        return leaf.type.element_type.name, leaf.type.shape, leaf.weak_type, leaf.library
    try:
        hash(leaf)
    except TypeError:
        return type(leaf), repr(leaf)
    return type(leaf), leaf


def _kind_key(leaf: Any) -> Any:
    """A key for a number that stands for any other of its type; JAX rejects integers of more than 32 bits."""
    if type(leaf) in (bool, float, complex) or (type(leaf) is int and -(2**31) <= leaf < 2**31):
        return type(leaf)
    return _leaf_key(leaf)


@dataclass(frozen=True)
class _Shown:
    """A leaf that prints in short, also inside a tuple or a list."""

    leaf: Any

    def __repr__(self) -> str:
        if isinstance(self.leaf, AbstractArray):
            return str(self.leaf)
        if isinstance(self.leaf, SymbolicDim):
            return str(self.leaf)
        if isinstance(self.leaf, slice):
            return _written_slice(self.leaf)
        text = getattr(self.leaf, "__name__", None) or repr(self.leaf)
        return text if len(text) <= 40 else f"{text[:37]}..."


def _written_slice(index: slice) -> str:
    """``1:``, ``::2``."""
    start, stop, step = ("" if part is None else str(part) for part in (index.start, index.stop, index.step))
    return f"{start}:{stop}:{step}" if step else f"{start}:{stop}"
