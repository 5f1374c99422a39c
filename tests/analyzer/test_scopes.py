"""Names: what they are bound to, and the moments one can go back to."""

from __future__ import annotations

from analyzer.expectations import check

from named_types.analyzer.scopes import Scope


def test_a_name_is_looked_up_from_the_inside_out() -> None:
    module = Scope()
    function = Scope(module)
    module.bind("x", 1)
    assert function.lookup("x") == (1,)
    function.bind("x", 2)
    assert (function.lookup("x"), module.lookup("x")) == ((2,), (1,))
    assert function.lookup("y") is None


def test_global_and_nonlocal_bind_elsewhere() -> None:
    module = Scope()
    outer = Scope(module)
    inner = Scope(outer)
    outer.bind("x", 1)
    inner.bind_outside("x", is_global=False)
    inner.bind_outside("y", is_global=True)
    inner.bind("x", 2)
    inner.bind("y", 3)
    assert (module.bindings, outer.bindings, inner.bindings) == ({"y": 3}, {"x": 2}, {})


def test_a_version_tells_every_change() -> None:
    scope = Scope()
    versions = [scope.version]
    scope.bind("x", 1)
    versions.append(scope.version)
    scope.bind("x", 2)
    versions.append(scope.version)
    assert len(set(versions)) == 3


def test_functions_close_over_variables_and_not_over_values() -> None:
    check(
        """
        size = 2
        def make():
            return jnp.ones(size)
        reveal_type(make())  # revealed: f32[(2,)]
        size = 3
        reveal_type(make())  # revealed: f32[(3,)]
        """
    )


def test_functions_see_how_a_list_around_them_changes() -> None:
    check(
        """
        sizes = [2]
        def make():
            return jnp.ones(tuple(sizes))
        reveal_type(make())  # revealed: f32[(2,)]
        sizes.append(3)
        reveal_type(make())  # revealed: f32[(2, 3)]
        """
    )


def test_what_a_function_assigns_is_its_own() -> None:
    check(
        """
        x = jnp.ones(2)
        def f():
            x = jnp.ones(3)
            return x
        reveal_type(f())  # revealed: f32[(3,)]
        reveal_type(x)  # revealed: f32[(2,)]
        """
    )


def test_unless_it_says_global() -> None:
    check(
        """
        x = jnp.ones(2)
        def f():
            global x
            x = jnp.ones(3)
        f()
        reveal_type(x)  # revealed: f32[(3,)]
        """
    )


def test_or_nonlocal() -> None:
    check(
        """
        def outer():
            x = jnp.ones(2)
            def inner():
                nonlocal x
                x = jnp.ones(3)
            inner()
            return x
        reveal_type(outer())  # revealed: f32[(3,)]
        """
    )


def test_a_deleted_name_is_unknown() -> None:
    check(
        """
        x = jnp.ones(2)
        del x
        reveal_type(x)  # revealed: unknown
        """
    )
