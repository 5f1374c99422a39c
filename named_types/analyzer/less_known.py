"""Values of which less is known than of others."""

from __future__ import annotations

from named_types.analyzer.values import AbstractArray, Value
from named_types.semantics.library_call import ends_pytree
from named_types.semantics.pytrees import tree_map


def without_names(tree: Value) -> Value:
    """Arrays of whose types the positional parts alone are known."""
    return tree_map(
        lambda leaf: leaf.with_named_shape(None) if isinstance(leaf, AbstractArray) else leaf, tree, ends_pytree
    )


def lost(tree: Value) -> Value:
    """Arrays of which is known what they are, and not how they come about."""
    return tree_map(
        lambda leaf: (
            AbstractArray(leaf.type, leaf.weak_type, leaf.library) if isinstance(leaf, AbstractArray) else leaf
        ),
        tree,
        ends_pytree,
    )
