"""Pytrees are taken apart as JAX does it, whether JAX is imported or not."""

from __future__ import annotations

import sys
from collections import OrderedDict, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import pytest
from hypothesis import given
from hypothesis import strategies as st

from named_types.semantics import pytrees


class Pair(NamedTuple):
    left: Any
    right: Any


@dataclass(frozen=True)
class Record:
    items: tuple[tuple[str, Any], ...]
    name: str


pytrees.register_node(
    Record,
    lambda record: (record.items, ([name for name, _ in record.items], record.name)),
    lambda rest, children: Record(tuple(zip(rest[0], children, strict=True)), rest[1]),
)

LEAVES = st.integers() | st.text(max_size=2) | st.just({"a set"}.__class__)


def containers(children: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    dicts = st.dictionaries(st.text("abc", min_size=1, max_size=2), children, max_size=3)
    return (
        st.lists(children, max_size=3)
        | st.lists(children, max_size=3).map(tuple)
        | dicts
        | dicts.map(OrderedDict)
        | dicts.map(lambda items: defaultdict(list, items))
        | st.builds(Pair, children, children)
        | dicts.map(lambda items: Record(tuple(items.items()), "record"))
    )


TREES = st.recursive(LEAVES | st.none(), containers, max_leaves=8)


@contextmanager
def jax_not_imported() -> Iterator[None]:
    """As if nothing had imported JAX."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delitem(sys.modules, "jax.tree_util")
        yield


pytrees.tell_jax()


@given(TREES)
def test_leaves_paths_and_trees_are_those_of_jax(tree: Any) -> None:
    with_paths, structure = jax.tree_util.tree_flatten_with_path(tree)
    with jax_not_imported():
        leaves, ours = pytrees.tree_flatten(tree)
        paths = list(map(pytrees.keystr, pytrees.paths_of_leaves(tree)))
        others = list(range(len(leaves)))
        rebuilt, parts, is_leaf = ours.unflatten(others), ours.flatten_up_to(tree), pytrees.all_leaves([tree])
    assert not isinstance(ours, jax.tree_util.PyTreeDef)
    assert leaves == parts == [leaf for _, leaf in with_paths]
    assert paths == [jax.tree_util.keystr(path) for path, _ in with_paths]
    assert rebuilt == jax.tree_util.tree_unflatten(structure, others)
    assert is_leaf == jax.tree_util.all_leaves([tree])


@given(TREES)
def test_a_leaf_may_be_told(tree: Any) -> None:
    def is_leaf(node: Any) -> bool:
        return node is None or isinstance(node, list)

    with jax_not_imported():
        leaves, mapped = pytrees.tree_leaves(tree, is_leaf), pytrees.tree_map(id, tree, is_leaf)
    assert leaves == jax.tree_util.tree_leaves(tree, is_leaf)
    assert mapped == jax.tree_util.tree_map(id, tree, is_leaf=is_leaf)


@given(TREES, TREES)
def test_structures_are_equal_where_they_are_to_jax(tree: Any, other: Any) -> None:
    of_jax: list[Any] = [jax.tree_util.tree_structure(each) for each in (tree, other)]
    with jax_not_imported():
        ours, others = (pytrees.tree_flatten(each)[1] for each in (tree, other))
    assert (ours == others) == (of_jax[0] == of_jax[1])


def test_leaves_that_do_not_fit_a_structure() -> None:
    with jax_not_imported():
        _, structure = pytrees.tree_flatten([1, (2, 3)])
    for leaves in ([1, 2], [1, 2, 3, 4]):
        with pytest.raises(ValueError, match="leaves for a structure"):
            structure.unflatten(leaves)
    with pytest.raises(ValueError, match="has not the structure"):
        structure.flatten_up_to([1, [2, 3]])


def test_once_jax_is_imported_it_does_it_all() -> None:
    tree = {"a": Record((("x", 1), ("y", (2, 3))), "r"), "b": None}
    leaves, structure = pytrees.tree_flatten(tree)
    assert isinstance(structure, jax.tree_util.PyTreeDef)
    assert leaves == [1, 2, 3]
    assert list(map(pytrees.keystr, pytrees.paths_of_leaves(tree))) == ["['a'].x", "['a'].y[0]", "['a'].y[1]"]
    assert pytrees.is_structure(structure)
