"""xmap and its meshes, however the program spells them."""

from __future__ import annotations

import pytest
from analyzer.expectations import check
from click import unstyle

from named_types.analyzer import check_source
from named_types.diagnostics.full import render_full


@pytest.mark.parametrize(
    "call",
    [
        "xmap(f, in_axes=['i', ...], out_axes=['i', ...])(x)",
        "xmap(f, ['i', ...], ['i', ...])(x)",
        "xmap(fun=f, in_axes=['i', ...], out_axes=['i', ...])(x)",
        "xmap(f, in_axes={0: 'i'}, out_axes={0: 'i'})(x)",
        "xmap(f, in_axes=(['i', ...],), out_axes=['i', ...])(x)",
        "xmap(f, in_axes=['i', None], out_axes=['i', None])(x)",
        "xmap(f, in_axes=axes, out_axes=axes)(x)",
        "xmap(f, in_axes=name + [...], out_axes=[*name, ...])(x)",
        "xmap(f, in_axes={n: name[n] for n in range(1)}, out_axes=dict(enumerate(name)))(x)",
        "xmap(f, **{'in_axes': axes, 'out_axes': axes})(x)",
        "xmap(lambda x: x * 2, axes, axes)(x)",
        "xmap(partial(jnp.multiply, 2), axes, axes)(x)",
        "xmap(jnp.sin, axes, axes)(x)",
        "partial(xmap, in_axes=axes)(f, out_axes=axes)(x)",
        "jax.jit(xmap(f, axes, axes))(x)",
        "mapped(x)",
    ],
)
def test_spellings_of_one_call(call: str) -> None:
    check(
        f"""
        def f(x):
            return x * 2
        x, name = jnp.ones((2, 3)), ["i"]
        axes = ["i", ...]
        mapped = partial(xmap, in_axes=axes, out_axes=axes)(f)
        reveal_type({call})  # revealed: f32[(2, 3)]
        """
    )


@pytest.mark.parametrize(
    "mesh",
    [
        "mesh(np.array(jax.devices()).reshape((4, 2)), ('x', 'y'))",
        "Mesh(np.array(jax.devices()).reshape(4, 2), ('x', 'y'))",
        "mesh(np.asarray(jax.local_devices()).reshape((4, 2)), names)",
        "mesh(*definition)",
        "mesh(devices=definition[0], axis_names=names)",
        "jax.sharding.Mesh(definition[0], names)",
        "jax.make_mesh((4, 2), names)",
        "made",
        "mesh(np.array(jax.devices()[:4]), 'x')",
    ],
)
@pytest.mark.parametrize(
    ("size", "error"), [(8, ""), pytest.param(6, "  # error: [indivisible-axis]", id="not divisible")]
)
def test_spellings_of_a_mesh(mesh: str, size: int, error: str) -> None:
    check(
        f"""
        names = ("x", "y")
        definition = (np.array(jax.devices()).reshape((4, 2)), names)
        made = mesh(*definition)
        f = xmap(lambda x: x, in_axes=["i", ...], out_axes=["i", ...], axis_resources={{"i": "x"}})
        with {mesh.replace("jax.devices()[:4]", "jax.devices()).reshape((4,)") if "[:4]" in mesh else mesh}:
            f(jnp.ones(({size}, 3))){error}
        """
    )


def test_resources_are_in_scope_inside_the_with_alone() -> None:
    check(
        """
        f = xmap(lambda x: x, in_axes=["i"], out_axes=["i"], axis_resources={"i": "y"})
        x = jnp.ones(4)
        f(x)  # error: [unknown-resource]
        with mesh(np.array(jax.devices()).reshape((2,)), ("x",)):
            f(x)  # error: [unknown-resource]
        with mesh(np.array(jax.devices()).reshape((2,)), ("x",)), mesh(np.array(jax.devices()).reshape((2,)), ("y",)):
            f(x)
        with mesh(np.array(jax.devices()).reshape((2,)), ("y",)) as m:
            f(x)
        f(x)  # error: [unknown-resource]
        """
    )


def test_a_context_manager_nobody_knows_may_bring_any_resource() -> None:
    check(
        """
        import somewhere
        f = xmap(lambda x: x, in_axes=["i"], out_axes=["i"], axis_resources={"i": "y"})
        with somewhere.cluster():
            f(jnp.ones(4))
        """
    )


def test_axis_sizes_for_a_function_without_mapped_arguments() -> None:
    check(
        """
        f = xmap(lambda: lax.axis_index("i"), in_axes=(), out_axes=["i"], axis_sizes={"i": 3})
        reveal_type(f())  # revealed: i32[(3,)]
        """
    )


def test_pytrees_of_arguments_and_results() -> None:
    check(
        """
        def step(params, batch):
            reveal_type(params["w"])  # revealed: f32[(3, 5)]
            reveal_type(batch)  # revealed: f32[(3,), {'b': 2}]
            return {"out": batch @ params["w"]}, (jnp.sum(params["w"]),)
        f = xmap(step, in_axes=([...], ["b", ...]), out_axes=({"out": ["b", ...]}, [...]))
        out, (total,) = f({"w": jnp.ones((3, 5))}, jnp.ones((2, 3)))
        reveal_type(out)  # revealed: {'out': f32[(2, 5)]}
        reveal_type(total)  # revealed: f32[()]
        """
    )


def test_what_is_in_scope_inside() -> None:
    check(
        """
        def f(x):
            reveal_type(named_shape(x))  # revealed: {'i': int}
            reveal_type(jnp.ones(named_shape(x)["i"]))  # revealed: f32[(2,)]
            reveal_type(lax.psum(1, "i"))  # revealed: int
            lax.psum(x, "j")  # error: [unbound-axis-name]
            return x
        xmap(f, in_axes=["i", ...], out_axes=["i", ...])(jnp.ones((2, 3)))
        """
    )


def test_a_mapped_function_is_checked_by_its_annotations_when_nobody_calls_it() -> None:
    check(
        """
        def f(x: f32[(3,), {"i": 2}]) -> f32[(3,), {"i": 2}]:
            return x
        xmap(f, in_axes=["i", ...], out_axes=[...])  # error: [leaked-named-axis]
        """
    )


def test_but_not_by_some_of_them() -> None:
    check(
        """
        def f(x: f32[(3,), {"i": 2}], y):
            return x + y
        def g(x: f32[(3,), {"i": 2}], y: f32[()] = 1.0):
            return x + y
        xmap(f, in_axes=(["i", ...], [...]), out_axes=["i", ...])
        xmap(g, in_axes=(["i", ...], [...]), out_axes=["i", ...])
        xmap(g, in_axes=["i", ...], out_axes=["i", ...])
        """
    )


def test_axes_that_are_not_known_are_silent() -> None:
    check(
        """
        import somewhere
        f = xmap(lambda x: x, in_axes=somewhere.axes, out_axes=["i", ...])
        reveal_type(f(jnp.ones((2, 3))))  # revealed: unknown
        g = xmap(lambda x: jnp.sum(x, axis=somewhere.axis), in_axes=["i", ...], out_axes=[...])
        reveal_type(g(jnp.ones((2, 3))))  # revealed: unknown
        """
    )


CONFLICT = """\
import jax
import numpy as np
import named_types.runtime.numpy as jnp
from named_types.runtime import mesh, xmap

def f(x, y):
    return x + y

g = xmap(f, (["a"], ["b"]), [], axis_resources={"a": "x", "b": "x"})
with mesh(np.array(jax.devices()).reshape((2,)), ("x",)):
    g(jnp.ones(4), jnp.ones(12))
"""


def test_a_conflict_is_told_with_the_path_to_it() -> None:
    conflict = check_source("train.py", CONFLICT)[0]
    heading, *rest = unstyle(render_full([conflict], {"train.py": CONFLICT})).splitlines()
    assert heading == (
        "train.py:7:12: error[resource-conflict]: axes 'a' and 'b' are both mapped to resource 'x' "
        """but meet in one value of type "f32[(), {'a': 4, 'b': 12}]\""""
    )
    assert rest == [
        "    7 |     return x + y",
        "      |            ^^^^^ f32[(), {'a': 4, 'b': 12}]",
        """    9 | g = xmap(f, (["a"], ["b"]), [], axis_resources={"a": "x", "b": "x"})""",
        "      |               --- 'a': 4 enters here with x     --- 'a' is mapped to 'x' here",
        "      |                      --- 'b': 12 enters here with y       --- 'b' is mapped to 'x' here",
        "   help: reduce over 'a' or 'b' first, or map one of them to another resource",
    ]


def test_a_conflict_in_a_function_of_the_program_is_told_there() -> None:
    check(
        """
        def inner(u, v):
            w = u * v  # error: [resource-conflict] "'a' and 'b'"
            return jnp.sum(w, axis=("a", "b"))
        def outer(x, y):
            return inner(x, y) + jnp.sum(x, axis="a") * jnp.sum(y, axis="b")
        f = xmap(outer, in_axes=(["a"], ["b"]), out_axes=[...], axis_resources={"a": "x", "b": "x"})
        with mesh(np.array(jax.devices()).reshape((2,)), ("x",)):
            f(jnp.ones(4), jnp.ones(12))
        """
    )
