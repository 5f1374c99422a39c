"""Pytrees, taken apart and put together as `jax.tree_util` does it, under its names.

To import JAX takes longer than to check a file. So as long as nothing else has imported it, Python's own containers
and the nodes that the checker has registered are treated here as JAX would treat them, and nothing else can be a
node yet. Once JAX is there, it does all of it. Structures of both kinds have the same methods; they are never equal.
"""

from __future__ import annotations

import enum
import sys
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from types import ModuleType
from typing import Any, TypeAlias

PyTree: TypeAlias = Any
IsLeaf: TypeAlias = Callable[[Any], bool]
Path: TypeAlias = tuple[Any, ...]


class Leaf(enum.Enum):
    """Stands where a structure has a leaf."""

    LEAF = "leaf"


LEAF = Leaf.LEAF


def tree_flatten(tree: PyTree, is_leaf: IsLeaf | None = None) -> tuple[list[Any], Any]:
    """The leaves, and the structure, which has ``unflatten`` and ``flatten_up_to``."""
    if (jax := _tree_util()) is not None:
        leaves, structure = jax.tree_flatten(tree, is_leaf)
        return leaves, structure
    found: list[Any] = []
    return found, _flatten(tree, is_leaf, found)


def tree_leaves(tree: PyTree, is_leaf: IsLeaf | None = None) -> list[Any]:
    """The leaves alone."""
    return tree_flatten(tree, is_leaf)[0]


def tree_map(function: Callable[[Any], Any], tree: PyTree, is_leaf: IsLeaf | None = None) -> PyTree:
    """``tree`` with other leaves."""
    leaves, structure = tree_flatten(tree, is_leaf)
    return structure.unflatten(map(function, leaves))


def paths_of_leaves(tree: PyTree, is_leaf: IsLeaf | None = None) -> list[Path]:
    """Where each leaf stands, of keys that print as JAX's: ``['a']``, ``[0]``, ``.name``."""
    if (jax := _tree_util()) is not None:
        return [path for path, _ in jax.tree_flatten_with_path(tree, is_leaf)[0]]
    return list(_flatten(tree, is_leaf, []).paths())


def keystr(path: Path) -> str:
    """A path as it would be written: ``[0]['a'].name``."""
    return "".join(map(str, path))


def children(tree: PyTree) -> tuple[list[tuple[Path, PyTree]], Any]:
    """The children of a node, each with its key, and the structure of the node alone; a leaf is its own child."""
    if (jax := _tree_util()) is not None:
        entries, structure = jax.tree_flatten_with_path(tree, lambda node: node is not tree)
        return entries, structure
    nodes: list[PyTree] = []
    ours = _flatten(tree, lambda node: node is not tree, nodes)
    return list(zip(ours.paths(), nodes, strict=True)), ours


def all_leaves(values: Iterable[Any]) -> bool:
    """Whether no value is a node."""
    if (jax := _tree_util()) is not None:
        return bool(jax.all_leaves(values))
    return all(_node(value) is None for value in values)


def is_structure(value: Any) -> bool:
    """Whether a value is the structure of a tree."""
    jax = _tree_util()
    return isinstance(value, _Structure) or (jax is not None and isinstance(value, jax.PyTreeDef))


def containers(structure: Any) -> PyTree:
    """The tree of a structure, with LEAF for each leaf."""
    return structure.unflatten([LEAF] * structure.num_leaves)


def register_node(cls: type, flatten: _Flatten, unflatten: Callable[[Any, Iterable[Any]], Any]) -> None:
    """`jax.tree_util.register_pytree_with_keys`, with the names of attributes for keys."""
    _REGISTERED[cls] = _UNTOLD[cls] = flatten, unflatten


def tell_jax() -> None:
    """Let JAX know of the registered nodes; to be called before it is given any."""
    _tree_util()


_Flatten: TypeAlias = Callable[[Any], tuple[Iterable[tuple[str, Any]], Any]]
_REGISTERED: dict[type, tuple[_Flatten, Callable[[Any, Iterable[Any]], Any]]] = {}
_UNTOLD: dict[type, tuple[_Flatten, Callable[[Any, Iterable[Any]], Any]]] = {}
"""What JAX does not know of yet."""


def _tree_util() -> ModuleType | None:
    """JAX's own module, once it is imported; it then knows what is registered here."""
    module = sys.modules.get("jax.tree_util")
    while module is not None and _UNTOLD:
        cls, (flatten, unflatten) = _UNTOLD.popitem()
        module.register_pytree_with_keys(cls, partial(_with_keys, module.GetAttrKey, flatten), unflatten)
    return module


def _with_keys(key: Callable[[str], Any], flatten: _Flatten, node: Any) -> tuple[list[tuple[Any, Any]], Any]:
    children, rest = flatten(node)
    return [(key(name), child) for name, child in children], rest


@dataclass(frozen=True, slots=True)
class _Key:
    """Where a child stands: its index, key or name, and how that is written."""

    idx: Any
    form: str

    def __str__(self) -> str:
        return self.form.format(self.idx)


_ITEM, _ATTRIBUTE = "[{!r}]", ".{}"


@dataclass(frozen=True, slots=True)
class _Structure:
    """A leaf, or a node of a type with its children."""

    kind: type | None = None
    keys: tuple[Any, ...] = ()
    rest: Any = None
    children: tuple[_Structure, ...] = ()

    @property
    def num_leaves(self) -> int:
        """The number of leaves."""
        return 1 if self.kind is None else sum(child.num_leaves for child in self.children)

    def unflatten(self, leaves: Iterable[Any]) -> PyTree:
        """A tree with these leaves. Raises `ValueError` where they are more or fewer than its own."""
        remaining = iter(leaves)
        try:
            tree = self._filled(remaining)
        except StopIteration:
            raise ValueError("too few leaves for a structure") from None
        if next(remaining, remaining) is not remaining:
            raise ValueError("too many leaves for a structure")
        return tree

    def flatten_up_to(self, tree: PyTree) -> list[PyTree]:
        """The parts of a tree that stand where this has leaves. Raises `ValueError` where it has other nodes."""
        if self.kind is None:
            return [tree]
        node = _node(tree)
        if node is None or (node.kind, node.keys, node.rest) != (self.kind, self.keys, self.rest):
            raise ValueError("a tree has not the structure that it is to have")
        parts = zip(self.children, node.children, strict=True)
        return [part for child, one in parts for part in child.flatten_up_to(one)]

    def paths(self) -> Iterator[Path]:
        """Where the leaves stand."""
        if self.kind is None:
            yield ()
        for key, child in zip(self.keys, self.children, strict=True):
            yield from ((key, *path) for path in child.paths())

    def _filled(self, leaves: Iterator[Any]) -> PyTree:
        if self.kind is None:
            return next(leaves)
        return _rebuilt(self, [child._filled(leaves) for child in self.children])


@dataclass(frozen=True, slots=True)
class _Node:
    """A value taken apart."""

    kind: type
    keys: tuple[Any, ...]
    children: Sequence[Any]
    rest: Any = None


_LEAF = _Structure()


def _flatten(tree: PyTree, is_leaf: IsLeaf | None, leaves: list[Any]) -> _Structure:
    node = None if is_leaf is not None and is_leaf(tree) else _node(tree)
    if node is None:
        leaves.append(tree)
        return _LEAF
    children = tuple(_flatten(child, is_leaf, leaves) for child in node.children)
    return _Structure(node.kind, node.keys, node.rest, children)


def _node(value: Any) -> _Node | None:
    """A value taken apart, None for a leaf."""
    kind = type(value)
    if kind is tuple or kind is list:
        return _Node(kind, _indices(len(value)), value)
    if value is None:
        return _Node(kind, (), ())
    if kind is dict or kind is OrderedDict or kind is defaultdict:
        names = list(value) if kind is OrderedDict else sorted(value)
        factory = value.default_factory if kind is defaultdict else None
        return _Node(kind, _keys(names, _ITEM), [value[name] for name in names], factory)
    if isinstance(value, tuple) and hasattr(kind, "_fields"):
        return _Node(kind, _keys(kind._fields, _ATTRIBUTE), value)
    if kind in _REGISTERED:
        flatten, _ = _REGISTERED[kind]
        children, rest = flatten(value)
        items = list(children)
        return _Node(kind, _keys([name for name, _ in items], _ATTRIBUTE), [child for _, child in items], rest)
    return None


@lru_cache(maxsize=64)
def _indices(length: int) -> tuple[_Key, ...]:
    return _keys(range(length), _ITEM)


def _keys(entries: Iterable[Any], form: str) -> tuple[_Key, ...]:
    return tuple(_Key(entry, form) for entry in entries)


def _rebuilt(node: _Structure, children: list[Any]) -> PyTree:
    kind = node.kind
    if kind is tuple or kind is list:
        return kind(children)
    if kind is type(None):
        return None
    if kind in _REGISTERED:
        _, unflatten = _REGISTERED[kind]
        return unflatten(node.rest, children)
    if kind is dict or kind is OrderedDict:
        return kind(zip((key.idx for key in node.keys), children, strict=True))
    if kind is defaultdict:
        return defaultdict(node.rest, zip((key.idx for key in node.keys), children, strict=True))
    assert kind is not None
    return kind(*children)
