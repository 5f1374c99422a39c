"""Resources in scope: which there are, and how large they are where the program tells."""

from __future__ import annotations

import pytest
from analyzer.expectations import check

from named_types.analyzer import check_source

IMPORTS = """\
import os
import jax, jax.numpy as jnp, numpy as np
from jax.experimental import mesh_utils
from jax.sharding import Mesh
from named_types.runtime import mesh, serial_loop, xmap

def run(size, axis="i", resource="x"):
    return xmap(jnp.sin, [axis, ...], [axis, ...], axis_resources={axis: resource})(jnp.ones(size))
"""


def size_is_known(setting: str, made: str) -> bool:
    """Whether the mesh is known to have four devices along ``'x'``, so that five instances do not go over them."""
    program = f"{IMPORTS}{setting}\nwith {made}:\n    run(8)\n"
    assert check_source("a.py", program) == ()
    found = check_source("a.py", program.replace("run(8)", "run(5)"))
    assert {one.code for one in found} <= {"indivisible-axis"}
    return bool(found)


SIXTEEN = [
    "os.environ['XLA_FLAGS'] = '--xla_force_host_platform_device_count=16'",
    "os.environ['XLA_FLAGS'] = '--xla_foo --xla_force_host_platform_device_count=16 --xla_bar=1'",
    "os.environ.setdefault('XLA_FLAGS', '--xla_force_host_platform_device_count=16')",
    "jax.config.update('jax_num_cpu_devices', 16)",
]


@pytest.mark.parametrize(
    "made",
    [
        "mesh(np.array(jax.devices()).reshape(4, 2), ('x', 'y'))",
        "mesh(np.array(jax.devices()).reshape((4, 2)), ('x', 'y'))",
        "mesh(np.array(jax.devices()).reshape(4, -1), ('x', 'y'))",
        "mesh(np.asarray(jax.devices()[:8]).reshape(4, 2), ('x', 'y'))",
        "mesh(np.reshape(jax.devices(), (4, 2)), ('x', 'y'))",
        "mesh(np.reshape(np.array(jax.devices()), (2, 4)), axis_names=('y', 'x'))",
        "Mesh(np.array(jax.devices()).reshape(4), 'x')",
        "Mesh(mesh_utils.create_device_mesh((4, 2)), ('x', 'y'))",
        "Mesh(mesh_utils.create_device_mesh(mesh_shape=(4, jax.device_count() // 4)), ('x', 'y'))",
        "jax.make_mesh((4, 2), ('x', 'y'))",
        "jax.make_mesh(axis_shapes=(4, 2), axis_names=('x', 'y'))",
        "jax.set_mesh(jax.make_mesh((4, 2), ('x', 'y')))",
        "jax.sharding.set_mesh(Mesh(np.array(jax.devices()).reshape(4, 2), ('x', 'y')))",
        "serial_loop('x', 4)",
        "serial_loop(name='x', length=4)",
    ],
)
def test_sizes(made: str) -> None:
    assert size_is_known("", made)


@pytest.mark.parametrize("setting", SIXTEEN)
@pytest.mark.parametrize(
    "made",
    [
        "mesh(np.array(jax.devices()).reshape(-1, 4), ('x', 'y'))",
        "mesh(np.array(jax.devices()[:4]), ('x',))",
        "mesh(jax.devices()[4:8], 'x')",
        "mesh(np.array(jax.devices()).reshape(len(jax.devices()) // 4, -1), ('x', 'y'))",
        "jax.make_mesh((jax.device_count() // 4,), ('x',))",
    ],
)
def test_sizes_that_follow_from_the_number_of_devices(setting: str, made: str) -> None:
    assert size_is_known(setting, made)
    assert not size_is_known("", made)


@pytest.mark.parametrize(
    "setting",
    [
        "os.environ['XLA_FLAGS'] = os.environ.get('XLA_FLAGS', '') + '--xla_force_host_platform_device_count=16'",
        "os.environ['FLAGS'] = '--xla_force_host_platform_device_count=16'",
        "os.environ['XLA_FLAGS'] = '--xla_bar=1'",
        "os.environ.setdefault('XLA_FLAGS', '--xla_bar=1')",
        "jax.config.update('jax_num_cpu_devices', int(os.environ['N']))",
        "jax.config.update('jax_platforms', 16)",
    ],
)
def test_the_number_of_devices_is_not_guessed(setting: str) -> None:
    assert not size_is_known(setting, "mesh(np.array(jax.devices()), 'x')")


@pytest.mark.parametrize(
    "made",
    [
        "mesh(np.array(jax.devices('gpu')), 'x')",
        "mesh(np.array(jax.devices())[:4], 'x')",
        "jax.make_mesh(shape, ('x',))",
        "jax.set_mesh(made_elsewhere)",
        "made_elsewhere",
    ],
)
def test_sizes_that_are_not_known(made: str) -> None:
    assert not size_is_known("from elsewhere import made_elsewhere, shape", made)


def test_a_resource_that_is_not_in_scope() -> None:
    check(
        """
        mapped = xmap(jnp.sin, ["i", ...], ["i", ...], axis_resources={"i": "y"})
        x = jnp.ones(8)
        mapped(x)  # error: [unknown-resource]
        with jax.make_mesh((4,), ("x",)):
            mapped(x)  # error: [unknown-resource]
            with serial_loop("y", 2):
                mapped(x)
        with serial_loop("x", 2):
            mapped(x)  # error: [unknown-resource]
        with jax.set_mesh(jax.make_mesh((4,), ("y",))):
            mapped(x)
        mapped(x)  # error: [unknown-resource]
        """,
        IMPORTS,
    )


def test_a_mesh_that_is_set_for_all_that_follows() -> None:
    check(
        """
        mapped = xmap(jnp.sin, ["i", ...], ["i", ...], axis_resources={"i": "x"})
        mapped(jnp.ones(8))  # error: [unknown-resource]
        jax.set_mesh(jax.make_mesh((4,), ("x",)))
        mapped(jnp.ones(8))
        mapped(jnp.ones(6))  # error: [indivisible-axis]
        with jax.make_mesh((3,), ("x",)):
            mapped(jnp.ones(6))
        if unknown:
            jax.set_mesh(jax.make_mesh((4,), ("z",)))
        mapped(jnp.ones(6))
        """,
        IMPORTS,
    )


def test_collectives_over_a_loop_in_scope() -> None:
    check(
        """
        mapped = xmap(
            lambda x: jax.lax.psum(x, "i"),  # error: [loop-collective]
            ["i", ...], [...], axis_resources={"i": "steps"},
        )
        with serial_loop("steps", 4):
            mapped(jnp.ones(8))
        """,
        IMPORTS,
    )


@pytest.mark.parametrize(
    "mesh",
    [
        "mesh(np.array(jax.devices()).reshape(2, 4).T, ('x', 'y'))",
        "mesh(np.array(jax.devices()).reshape(2, 4).transpose(1, 0), ('x', 'y'))",
        "mesh(np.transpose(np.array(jax.devices()).reshape(2, 4)), ('x', 'y'))",
        "mesh(np.array(jax.devices()).reshape(4, 2)[:, 0], ('x',))",
        "mesh(np.array(jax.devices()[:4])[:, None], ('x', 'y'))",
        "mesh(np.expand_dims(np.array(jax.devices()[:4]), 1), ('x', 'y'))",
        "mesh(np.array([jax.devices()[k] for k in range(4)]), ('x',))",
        "mesh(np.array([[one, other] for one, other in zip(jax.devices()[:4], jax.devices()[4:])]), ('x', 'y'))",
        "jax.make_mesh(tuple({'x': 4, 'y': 2}.values()), ('x', 'y'))",
    ],
)
def test_the_size_of_a_mesh_axis_in_every_spelling(mesh: str) -> None:
    program = f"""
        import os
        os.environ["XLA_FLAGS"] = "--xla_force_host_platform_device_count=8"
        double = xmap(lambda x: 2 * x, ["i", ...], ["i", ...], axis_resources={{"i": "x"}})
        with {mesh}:
            double(jnp.ones(8))
            double(jnp.ones(6))  # error: [indivisible-axis] "'x' (size 4)"
        """
    check(program)
