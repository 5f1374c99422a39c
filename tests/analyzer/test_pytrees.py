"""Functions on pytrees: JAX's own, with abstract leaves."""

from __future__ import annotations

from analyzer.expectations import check

PARAMS = """\
import jax
import jax.numpy as jnp
params = {"w": jnp.ones((4, 8)), "b": jnp.ones(8), "more": [jnp.ones(2), None]}
"""


def test_a_function_of_several_trees() -> None:
    check(
        """
        halved = jax.tree.map(lambda p, q: p - 0.5 * q, params, params)
        reveal_type(halved["w"])  # revealed: f32[(4, 8)]
        reveal_type(jax.tree_util.tree_map(jnp.sum, params)["more"])  # revealed: list[unknown]
        reveal_type(jax.tree.map(jnp.sum, params)["more"][0])  # revealed: f32[()]
        """,
        PARAMS,
    )


def test_structures_that_do_not_match() -> None:
    check(
        """
        jax.tree.map(jnp.add, params, {"w": 1, "b": 2})  # error: [invalid-operation] "the structures differ"
        jax.tree.map(jnp.add, [1, 2], (1, 2))  # error: [invalid-operation]
        jax.tree.map(jnp.add, params, jax.tree.map(lambda p: p[:2], params))  # error: [invalid-operation]
        jax.tree.map(lambda p, spec: p * len(spec), {"a": params["w"]}, {"a": ("x", "y")})
        jax.tree.unflatten(jax.tree.structure(params), [1, 2])  # error: [invalid-operation]
        """,
        PARAMS,
    )


def test_leaves_and_structures() -> None:
    check(
        """
        leaves, structure = jax.tree.flatten(params)
        reveal_type(leaves[2])  # revealed: f32[(4, 8)]
        reveal_type(structure.num_leaves + jnp.ones(3))  # revealed: f32[(3,)]
        again = jax.tree.unflatten(structure, [2 * leaf for leaf in leaves])
        reveal_type(again["w"])  # revealed: f32[(4, 8)]
        reveal_type(structure.unflatten(leaves)["b"])  # revealed: f32[(8,)]
        reveal_type(sum(leaf.sum() for leaf in jax.tree.leaves(params)))  # revealed: f32[()]
        reveal_type(jax.tree.reduce(lambda total, leaf: total + leaf.sum(), params, 0.0))  # revealed: f32[()]
        """,
        PARAMS,
    )


def test_what_counts_as_a_leaf() -> None:
    check(
        """
        pairs = {"a": (jnp.ones(2), jnp.ones(3)), "b": (jnp.ones(4), jnp.ones(5))}
        second = jax.tree.map(lambda pair: pair[1], pairs, is_leaf=lambda node: isinstance(node, tuple))
        reveal_type(second["b"])  # revealed: f32[(5,)]
        fill = lambda x: jnp.zeros(3) if x is None else x
        filled = jax.tree.map(fill, [None, jnp.ones(2)], is_leaf=lambda x: x is None)
        reveal_type(filled[0])  # revealed: f32[(3,)]
        """,
        PARAMS,
    )


def test_paths() -> None:
    check(
        """
        named = jax.tree_util.tree_map_with_path(lambda path, leaf: leaf.sum(), params)
        reveal_type(named["w"])  # revealed: f32[()]
        sizes = {jax.tree_util.keystr(path): leaf for path, leaf in jax.tree_util.tree_leaves_with_path(params)}
        reveal_type(sizes["['w']"])  # revealed: f32[(4, 8)]
        """,
        PARAMS,
    )


def test_a_transposed_tree() -> None:
    check(
        """
        rows = [{"a": jnp.ones(2), "b": jnp.ones(3)} for _ in range(4)]
        columns = jax.tree.transpose(jax.tree.structure([0] * 4), jax.tree.structure({"a": 0, "b": 0}), rows)
        reveal_type(jnp.stack(columns["b"]))  # revealed: f32[(4, 3)]
        stacked = jax.tree.map(lambda *leaves: jnp.stack(leaves), *rows)
        reveal_type(stacked["a"])  # revealed: f32[(4, 2)]
        """,
        PARAMS,
    )


def test_an_unknown_leaf_may_be_a_tree() -> None:
    check(
        """
        mixed = {"w": jnp.ones(3), "rest": mystery()}
        reveal_type(jax.tree.map(lambda p: p * 2, mixed)["w"])  # revealed: f32[(3,)]
        reveal_type(jax.tree.map(lambda p: 0, mixed)["rest"])  # revealed: unknown
        jax.tree.map(jnp.add, mixed, {"w": jnp.ones(3), "rest": [1, 2]})
        reveal_type(jax.tree.leaves(mixed))  # revealed: unknown
        reveal_type(jax.tree.all({"a": jnp.ones(3) > 0}))  # revealed: unknown
        jax.tree_util.keystr(tuple(mystery()[1:]))
        jax.tree.map(jnp.add, tuple(range(mystery())), (1, 2))
        """,
        PARAMS,
    )
