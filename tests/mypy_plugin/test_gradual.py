"""Programs that know nothing of the notation get no new errors."""

# ruff: noqa: E501
from __future__ import annotations

from mypy_programs import STRICT, Check


def test_typed_jax_code_is_clean_under_strict(check: Check) -> None:
    check(
        STRICT
        + """
        from collections.abc import Callable, Sequence
        from dataclasses import dataclass
        from functools import partial
        from typing import NamedTuple

        import jax
        import jax.numpy as jnp
        from jax import Array, lax
        from jax.typing import ArrayLike


        class Params(NamedTuple):
            w: Array
            b: jax.Array


        @dataclass
        class State:
            params: Params
            history: list[jnp.ndarray]


        class Layer:
            def __init__(self, n: int, m: int) -> None:
                self.w = jnp.zeros((3, 4))
                self.scale = jnp.zeros(3)

            def __call__(self, x: Array) -> Array:
                self.w = jnp.concatenate([self.w, self.w])
                return x @ self.w


        def init(key: Array, sizes: Sequence[int]) -> list[Params]:
            layers = []
            for k, m, n in zip(jax.random.split(key, len(sizes)), sizes[:-1], sizes[1:]):
                w = jax.random.normal(k, (m, n)) / jnp.sqrt(m)
                layers.append(Params(w, jnp.zeros(n)))
            return layers


        @partial(jax.jit, static_argnames=("n",))
        def repeat(x: Array, n: int) -> Array:
            for _ in range(n):
                x = jnp.concatenate([x, x])
            return x


        def loss(params: list[Params], x: Array, y: ArrayLike) -> Array:
            for p in params:
                x = jax.nn.relu(x @ p.w + p.b)
            return jnp.mean((x - jnp.asarray(y)) ** 2)


        def step(params: list[Params], x: Array, y: Array, rate: float = 1e-3) -> tuple[Array, list[Params]]:
            value, grads = jax.value_and_grad(loss)(params, x, y)
            return value, jax.tree.map(lambda p, g: p - rate * g, params, grads)


        def scan(xs: Array) -> Array:
            def body(carry: Array, x: Array) -> tuple[Array, Array]:
                return carry + x, carry * x

            _, ys = lax.scan(body, jnp.zeros(()), xs)
            return ys


        def choose(x: Array | None, f: Callable[[Array], Array]) -> Array | None:
            if x is None:
                return None
            y = f(jnp.ones(3))
            if y.ndim > 1 and float(y.sum()) > 0:
                y = y[0]
            for i in range(3):
                y = y.at[i].set(1.0)
            return jnp.where(y > 0, y, -y)
        """
    )


def test_names_may_be_bound_to_arrays_of_other_types(check: Check) -> None:
    check(
        """
        import jax.numpy as jnp
        from named_types import f32

        def f(flag: bool) -> None:
            h = jnp.zeros((2, 3))
            h = h @ jnp.zeros((3, 5))
            reveal_type(h)  # R: f32[(2, 5)]
            if flag:
                h = jnp.zeros(3)
            reveal_type(h)  # R: f32[(2, 5)] | f32[(3,)]
            h += 1
            (a, b), c = (jnp.ones(2), jnp.ones(3)), h
            a = jnp.ones(9)
            reveal_type(a)  # R: f32[(9,)]

            either: f32[(3,)] = h + 0
            maybe = jnp.zeros(3) if flag else None
            sure: f32[(3,)] = maybe  # E: Incompatible types in assignment (expression has type "f32[(3,)] | None", variable has type "f32[(3,)]")  [assignment]

        x = jnp.zeros(2)
        x = jnp.zeros(3)
        """
    )


def test_a_variable_that_is_none_may_be_a_function_later(check: Check) -> None:
    check(
        STRICT
        + """
        from functools import cache

        import jax.numpy as jnp

        SIZE = jnp.zeros(3).size
        scale = None
        if SIZE > 2:
            def scale(x: int) -> int:
                return x

        def f(flag: bool) -> int:
            h = jnp.zeros(3)
            h = h[:-1]
            g = None
            if flag:
                def g(x: int) -> int:
                    return x
            else:
                def g(x: int) -> int:
                    return x + 1
            reveal_type(g)  # R: def (x: int) -> int
            g("a")  # E: Argument 1 has incompatible type "str"; expected "int"  [arg-type]
            cached = None
            if flag:
                @cache
                def cached() -> None:
                    pass
            maybe = None
            if flag:
                maybe = h
            reveal_type(maybe)  # R: None | f32[(2,)]
            return 0 if scale is None else scale(1) + g(1)
        """
    )


def test_an_alias_of_the_class_of_arrays_lacks_no_arguments(check: Check) -> None:
    check(
        STRICT
        + """
        from typing import Optional, TypeAlias, Union

        import jax
        import jax.numpy as jnp
        import numpy as np

        Device = jax.Array
        Declared: TypeAlias = jax.Array
        Tensor = Union[np.ndarray[tuple[int, ...], np.dtype[np.float32]], Device]
        Either = Union[Device, float]

        class Holder:
            value: Optional[Device] = None

        def use(x: Device, y: Declared, z: list[Device], e: Either) -> Device:
            return x + y + z[0]

        reveal_type(use(jnp.zeros(2), jnp.zeros(2), [], 1.0))  # R: Array
        """
    )


def test_names_that_are_no_arrays_are_what_they_are_without_the_plugin(check: Check) -> None:
    check(
        STRICT
        + """
        from typing import Any, NamedTuple

        import jax.numpy as jnp
        from jax import Array, lax

        class State(NamedTuple):
            done: bool

        def apply(x: Array, layers: list[Any]) -> Array:
            for layer in layers:
                x = layer(x)
            return x

        def choose(flag: bool, scale: Any) -> Array:
            if flag:
                result = jnp.zeros(3)
            else:
                result = scale(3)
            return result

        def unknown(scale: Any) -> Array:
            return scale(3)  # E: Returning Any from function declared to return "Array"  [no-any-return]

        def unpack(state: NamedTuple, update: Any) -> None:
            params, state = update(jnp.zeros(3), state)
            state.done  # E: "NamedTuple" has no attribute "done"  [attr-defined]

        def narrowed(x: Array | float, y: Array) -> Array:
            x = jnp.asarray(x)
            y = y[None]
            return jnp.dot(x, y)

        def decide(update: Any, flag: bool) -> State:
            done = update(3)
            if flag:
                done = jnp.asarray(False)
            return State(done)

        def count(n: int) -> Array:
            return lax.while_loop(lambda c: c[0] < 3, lambda c: (c[0] + 1, c[1] * n), (0, jnp.zeros(n)))[1]

        class Normalized:
            def __init__(self, probs: Array | None) -> None:
                self._probs = probs

            def logits(self) -> Array:
                return jnp.log(self._probs)
        """
    )


def test_a_fault_in_an_argument_is_told_once(check: Check) -> None:
    check(
        """
        import jax
        import numpy as np

        class Test:
            def check(self) -> None:
                expected = np.asarray([0.0, -np.inf])
                np.testing.assert_allclose(self.run(1), expected)  # E: "Test" has no attribute "run"  [attr-defined]
        """
    )


def test_containers_and_attributes_may_hold_arrays_of_other_types(check: Check) -> None:
    check(
        """
        import jax.numpy as jnp

        class Counter:
            def __init__(self) -> None:
                self.state = jnp.zeros(2)

            def step(self) -> None:
                self.state = jnp.concatenate([self.state, jnp.zeros(3)])

        def f() -> None:
            arrays = [jnp.ones(3)]
            arrays.append(jnp.ones((2, 2)))
            table = {"a": jnp.ones(3)}
            table["b"] = jnp.ones((4, 4))
            squares = [jnp.ones(n) for n in (1, 2)]
            squares.append(jnp.ones(()))

        def shapes() -> int:
            shape = jnp.zeros((2, 3)).shape
            h, w = shape
            h = h // 2
            shape = (4, 5)
            n = jnp.zeros(3).ndim
            n = 5
            return h + n
        """
    )


def test_descriptions_of_arrays_keep_their_type(check: Check) -> None:
    check(
        """
        import jax

        key: jax.ShapeDtypeStruct = jax.eval_shape(jax.random.key, 0)
        """
    )
