"""``with`` statements over the program's own context managers."""

from __future__ import annotations

import pytest
from analyzer.expectations import check

MANAGER = """
class Manager:
    def __init__(self, size=3):
        self.size = size

    def __enter__(self):
        return jnp.ones(self.size)

    def __exit__(self, kind, error, traceback):
        self.size = 7
        {}

"""


def test_what_entering_gives_and_leaving_does() -> None:
    check(
        MANAGER.format("return None")
        + """
manager = Manager(3)
with manager as x, Manager(4) as y:
    reveal_type(x)  # revealed: f32[(3,)]
    x + y  # error: [invalid-operation]
reveal_type(jnp.ones(manager.size))  # revealed: f32[(7,)]
"""
    )


@pytest.mark.parametrize("returned", ["return True", "return kind is TypeError", "return self.handled(kind)"])
def test_leaving_may_catch_what_is_raised(returned: str) -> None:
    check(MANAGER.format(returned) + "with Manager():\n    jnp.ones(2) + jnp.ones(3)\n")


def test_a_return_from_inside() -> None:
    check(
        MANAGER.format("pass")
        + """
manager = Manager(3)
def f():
    with manager as x:
        return x
reveal_type(f())  # revealed: f32[(3,)]
reveal_type(jnp.ones(manager.size))  # revealed: f32[(7,)]
"""
    )


def test_a_generator_runs_around_the_block() -> None:
    check(
        """
        from contextlib import contextmanager
        log = [1]
        @contextmanager
        def logged(size):
            log.append(size)
            try:
                yield jnp.ones(size)
            finally:
                log.append(size + 1)

        def run():
            with logged(3) as x:
                reveal_type(x)  # revealed: f32[(3,)]
                reveal_type(jnp.ones(log[-1]))  # revealed: f32[(3,)]
                x + jnp.ones(2)  # error: [invalid-operation]
                return x

        reveal_type(run())  # revealed: f32[(3,)]
        reveal_type(jnp.ones(log[-1]))  # revealed: f32[(4,)]
        """
    )


def test_the_mesh_that_a_generator_enters_is_in_scope() -> None:
    check(
        """
        from contextlib import contextmanager
        @contextmanager
        def on_devices():
            with mesh(np.array(jax.devices()).reshape(4, 2), ("x", "y")):
                yield

        def over(resource):
            return xmap(jnp.sin, {0: "a"}, {0: "a"}, axis_resources={"a": resource})

        with on_devices():
            over("x")(jnp.ones(8))
            over("z")(jnp.ones(8))  # error: [unknown-resource]
            over("x")(jnp.ones(7))  # error: [indivisible-axis]
        """
    )


@pytest.mark.parametrize(
    "body",
    [
        "try:\n        yield\n    except TypeError:\n        pass",
        "if somewhere.flag:\n        yield\n    else:\n        yield",
        "yield from somewhere.manager()",
    ],
)
def test_what_a_generator_may_catch_is_not_told(body: str) -> None:
    check(
        f"""
import somewhere
from contextlib import contextmanager
@contextmanager
def guarded():
    {body}

with guarded():
    jnp.ones(2) + jnp.ones(3)
"""
    )


def test_a_block_is_run_once_also_where_its_manager_cannot_be_followed() -> None:
    check(
        """
        import somewhere
        from contextlib import contextmanager
        @contextmanager
        def twice():
            yield
            yield

        sizes = [3]
        with twice():
            sizes.append(4)
        with somewhere.manager():
            sizes.append(5)
        reveal_type(jnp.ones(len(sizes)))  # revealed: f32[(3,)]
        """
    )


def test_asynchronous_ones_are_unknown() -> None:
    check(
        """
        class Manager:
            async def __aenter__(self):
                return jnp.ones(3)
            async def __aexit__(self, *error):
                return None

        async def f():
            async with Manager() as x:
                reveal_type(x)  # revealed: unknown
        """
    )
