"""Sizes of arrays as Python's ints: symbolic ones do exact arithmetic, unknown ones are some int."""

from __future__ import annotations

from analyzer.expectations import check


def test_sizes_do_arithmetic() -> None:
    check(
        """
        def heads(x: f32[("b", "t", "d")], w: f32[("d", "2*d")]) -> None:
            b, t, d = x.shape
            reveal_type(jnp.zeros((b, 2 * d)))  # revealed: f32[('b', '2*d')]
            reveal_type(jnp.ones(x.shape[0] + 1))  # revealed: f32[('b+1',)]
            reveal_type(x.reshape(b * t, d))  # revealed: f32[('b*t', 'd')]
            reveal_type(jnp.broadcast_to(w, (t, *w.shape)))  # revealed: f32[('t', 'd', '2*d')]
            reveal_type(x[:, : t // 2])  # revealed: f32[('b', 't//2', 'd')]
            reveal_type(jnp.zeros(x.size))  # revealed: f32[('b*d*t',)]
            reveal_type(jnp.arange(len(x)))  # revealed: i32[('b',)]
            reveal_type((w / d) * d**-0.5)  # revealed: f32[('d', '2*d')]
        """
    )


def test_an_axis_is_split_exactly() -> None:
    check(
        """
        def attention(x: f32[("b", "t", "d")], w: f32[("d", "d")], h: int) -> f32[("b", "t", "d")]:
            b, t, d = x.shape
            q = (x @ w).reshape(b, t, 4, d // 4).transpose(0, 2, 1, 3)
            reveal_type(q)  # revealed: f32[('b', 4, 't', 'd//4')]
            scores = q @ q.swapaxes(-1, -2) / d**0.5
            mixed = jax.nn.softmax(scores) @ q
            reveal_type(scores)  # revealed: f32[('b', 4, 't', 't')]
            return mixed.transpose(0, 2, 1, 3).reshape(b, t, d)
        """
    )


def test_sizes_that_do_not_fit_whatever_they_are() -> None:
    check(
        """
        def transposed(x: f32[("b", "d", "t")]) -> None:
            b, d, t = x.shape
            x + jnp.zeros((b, t, d))  # error: [invalid-operation]
            jnp.einsum("bdt,bdt->bd", x, x.swapaxes(1, 2))  # error: [invalid-operation]
            x.reshape(b, d + 1, t)  # error: [invalid-operation]
            x @ jnp.ones((d, t))  # error: [invalid-operation]
            x[:, : d // 2] + x[:, d // 2 :]
            x.reshape(b, 2, d // 2, t)
        """
    )


def test_what_depends_on_a_comparison_of_sizes_is_not_certain() -> None:
    check(
        """
        def pad(x: f32[("n",)], y: f32[("m",)]) -> None:
            assert x.shape == y.shape
            x + y

        def pick(x: f32[("n",)]) -> None:
            if x.shape[0] != 3:
                raise ValueError
            x + jnp.ones(3)

        def three(x: f32[("n",)]) -> None:
            z = jnp.ones(3) if x.shape[0] == 3 else jnp.zeros(4)
            reveal_type(z)  # revealed: unknown
        """
    )


def test_rows_of_an_array_of_any_length() -> None:
    check(
        """
        def rows(x: f32[("n", "d")], keys: f32[("n",)]) -> None:
            for index, (row, key) in enumerate(zip(x, keys)):
                reveal_type(row)  # revealed: f32[('d',)]
                reveal_type(key)  # revealed: f32[()]
                reveal_type(x[index])  # revealed: f32[('d',)]
                row @ jnp.ones((3, x.shape[1]))  # error: [invalid-operation]
            for i in range(x.shape[0]):
                reveal_type(x[i] * i)  # revealed: f32[('d',)]
            total = sum(row.sum() for row in x)
            reveal_type(total)  # revealed: unknown
        """
    )


def test_a_count_in_a_loop_is_some_int() -> None:
    check(
        """
        import sys

        x, step = jnp.ones(3), 0
        while sys.argv:
            x = x * step
            step += 1
        reveal_type(x)  # revealed: f32[(3,)]
        reveal_type(step)  # revealed: int
        reveal_type(x / (step + 1))  # revealed: f32[(3,)]
        jnp.zeros(step) + jnp.ones(4)
        """
    )
