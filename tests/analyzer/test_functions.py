"""Functions of the program: interpreted at each call, with the types of that call."""

from __future__ import annotations

from analyzer.expectations import check


def test_a_function_without_annotations_has_the_types_of_each_call() -> None:
    check(
        """
        def twice(x):
            return jnp.concatenate([x, x])
        reveal_type(twice(jnp.ones(2)))  # revealed: f32[(4,)]
        reveal_type(twice(jnp.ones((1, 3))))  # revealed: f32[(2, 3)]
        """
    )


def test_a_mistake_in_a_function_is_told_once_and_where_it_is() -> None:
    check(
        """
        def f(x, y):
            return x @ y  # error: [invalid-operation]
        f(jnp.ones((2, 3)), jnp.ones((2, 3)))
        f(jnp.ones((2, 3)), jnp.ones((2, 3)))
        """
    )


def test_closures() -> None:
    check(
        """
        def scale_by(factor):
            def scale(x):
                return x * factor
            return scale
        reveal_type(scale_by(jnp.ones(3))(jnp.ones((2, 1))))  # revealed: f32[(2, 3)]
        """
    )


def test_defaults_are_those_of_the_definition() -> None:
    check(
        """
        size = 2
        def make(n=size, *, m=3):
            return jnp.ones((n, m))
        size = 5
        reveal_type(make())  # revealed: f32[(2, 3)]
        reveal_type(make(4, m=1))  # revealed: f32[(4, 1)]
        """
    )


def test_args_and_kwargs() -> None:
    check(
        """
        def f(x, *rest, scale, **options):
            reveal_type(rest)  # revealed: tuple[f32[(2,)], f32[(3,)]]
            reveal_type(options)  # revealed: {'extra': f32[(4,)]}
            return x * scale
        f(jnp.ones(1), jnp.ones(2), jnp.ones(3), scale=2, extra=jnp.ones(4))
        """
    )


def test_positional_only_parameters_can_be_options_too() -> None:
    check(
        """
        def f(x, /, **options):
            return options["x"]
        reveal_type(f(1, x=jnp.ones(2)))  # revealed: f32[(2,)]
        """
    )


def test_arguments_that_do_not_fit() -> None:
    check(
        """
        def f(x):
            return x
        reveal_type(f(jnp.ones(1), jnp.ones(2)))  # revealed: unknown  # error: [invalid-operation]
        reveal_type(f())  # revealed: unknown  # error: [invalid-operation]
        reveal_type(f(jnp.ones(1), x=jnp.ones(1)))  # revealed: unknown  # error: [invalid-operation]
        reveal_type(f(y=jnp.ones(1)))  # revealed: unknown  # error: [invalid-operation]
        reveal_type(f(*unknown))  # revealed: unknown
        """
    )


def test_arguments_of_what_another_class_may_define_otherwise() -> None:
    check(
        """
        class Layer:
            def __call__(self, x):
                return x
            def forward(self):
                return self()
        Layer()()  # error: [invalid-operation] "it lacks 'x'"
        """
    )


def test_partial() -> None:
    check(
        """
        def f(x, y, scale=1):
            return x @ y * scale
        g = partial(f, jnp.ones((2, 3)), scale=2.0)
        reveal_type(g(jnp.ones((3, 5))))  # revealed: f32[(2, 5)]
        reveal_type(partial(partial(jnp.sum, axis=0), keepdims=True)(jnp.ones((2, 3))))  # revealed: f32[(1, 3)]
        """
    )


def test_decorators() -> None:
    check(
        """
        @jax.jit
        def f(x):
            return x[None]
        reveal_type(f(jnp.ones(2)))  # revealed: f32[(1, 2)]

        @partial(xmap, in_axes=["i", ...], out_axes=["i", ...])
        def g(x):
            reveal_type(x)  # revealed: f32[(3,), {'i': 2}]
            return jnp.sum(x)
        reveal_type(g(jnp.ones((2, 3))))  # revealed: f32[(2,)]

        def logged(function):
            def wrapper(*args, **kwargs):
                return function(*args, **kwargs)
            return wrapper

        @logged
        def h(x):
            return x.T
        reveal_type(h(jnp.ones((2, 3))))  # revealed: f32[(3, 2)]
        """
    )


def test_an_unknown_decorator_makes_the_function_unknown() -> None:
    check(
        """
        import somewhere
        @somewhere.decorate
        def f(x):
            return x
        reveal_type(f(jnp.ones(2)))  # revealed: unknown
        """
    )


def test_recursion_is_followed_a_little_and_then_unknown() -> None:
    check(
        """
        import somewhere
        def power(x, n):
            if n == 0:
                return x
            return power(x[None], n - 1)
        reveal_type(power(jnp.ones(2), 2))  # revealed: f32[(1, 1, 2)]
        reveal_type(power(jnp.ones(2), 50))  # revealed: unknown
        def forever(x):
            return forever(x + 1)
        reveal_type(forever(jnp.ones(2)))  # revealed: unknown
        def ping(x):
            return pong(x)
        def pong(x):
            return ping(x)
        reveal_type(ping(jnp.ones(2)))  # revealed: unknown
        """
    )


def test_a_function_that_calls_itself_with_itself() -> None:
    check(
        """
        def omega(f):
            return f(f)
        reveal_type(omega(omega))  # revealed: unknown
        """
    )


def test_a_long_chain_of_calls_is_followed() -> None:
    chain = "\n".join(f"def f{n}(x):\n    return f{n - 1}(x)" for n in range(1, 20))
    check(f"def f0(x):\n    return x[None]\n{chain}\nreveal_type(f19(jnp.ones(2)))  # revealed: f32[(1, 2)]")


def test_coroutines_are_unknown() -> None:
    check(
        """
        async def load():
            return jnp.ones(2)
        reveal_type(load())  # revealed: unknown
        """
    )


def test_a_function_that_nobody_calls_is_checked_by_itself() -> None:
    check(
        """
        def f(x: f32[(2, 3)], y) -> f32[(3, 3)]:
            reveal_type(x.T)  # revealed: f32[(3, 2)]
            reveal_type(y)  # revealed: unknown
            return x @ x  # error: [invalid-operation]
        """
    )


def test_axis_names_that_its_callers_may_bind_are_no_error_there() -> None:
    check(
        """
        def f(x: f32[(2,), {"batch": 20}]):
            y = lax.psum(x, "batch")
            reveal_type(y)  # revealed: f32[(2,)]
            return lax.psum(x, "model")
        """
    )


def test_nor_is_the_mesh() -> None:
    check(
        """
        def run(x: f32[(4,)]):
            return xmap(lambda x: x, in_axes=["i"], out_axes=["i"], axis_resources={"i": "x"})(x)
        """
    )


def test_each_of_any_number_of_arguments_is_held_against_the_annotation() -> None:
    check(
        """
        def f(x, *rest: f32[("n",)], **options: f32[("n", 2)]):
            return rest, options["a"]
        both = f(
            1,
            jnp.ones(3),
            jnp.ones(4),  # error: [incompatible-argument]
            a=jnp.ones((4, 2)),  # error: [incompatible-argument]
        )
        reveal_type(both)  # revealed: tuple[tuple[f32[(3,)], f32[(3,)]], f32[(3, 2)]]
        """
    )


def test_any_number_of_arguments_lift_a_function() -> None:
    check(
        """
        def sum_all(*xs: f32[(3,)]) -> f32[()]:
            return jnp.sum(jnp.stack(xs))

        def use(x: f32[(3,), {"a": 2}], y: f32[(3,), {"b": 5}]):
            reveal_type(sum_all(x, y))  # revealed: f32[(), {'a': 2, 'b': 5}]
        """
    )


def test_arrays_inside_an_argument_bind_and_lift_too() -> None:
    check(
        """
        def first(pair: tuple[f32[("n",)], f32[()]], other: f32[("n", 2)] | None = None) -> f32[("n",)]:
            return pair[0]

        def use(x: f32[(3,), {"a": 2}], y: f32[()]):
            reveal_type(first((x, y)))  # revealed: f32[(3,), {'a': 2}]
            first((x, y), jnp.ones((4, 2)))  # error: [incompatible-argument]
        """
    )
