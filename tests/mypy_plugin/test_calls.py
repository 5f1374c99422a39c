"""Calls into jax and numpy, operators, indexing and attributes have the types that JAX gives them."""

# ruff: noqa: E501
from __future__ import annotations

from mypy_programs import Check


def test_functions(check: Check) -> None:
    check(
        """
        import jax
        import jax.numpy as jnp
        from jax import lax
        from jax.lax import dot_general as contract
        from jax.nn import relu
        from named_types import f32

        def f(x: f32[(2, 3)], y: f32[(3, 5)], n: int) -> None:
            reveal_type(jnp.zeros((2, 3)))  # R: f32[(2, 3)]
            reveal_type(jnp.zeros((x.shape[1], 7), dtype=jnp.int32))  # R: i32[(3, 7)]
            reveal_type(jnp.sum(x, axis=0))  # R: f32[(3,)]
            reveal_type(jnp.add(x, 1))  # R: f32[(2, 3)]
            reveal_type(relu(x))  # R: f32[(2, 3)]
            reveal_type(lax.dot_general(x, y, (((1,), (0,)), ((), ()))))  # R: f32[(2, 5)]
            reveal_type(contract(x, y, (((1,), (0,)), ((), ()))))  # R: f32[(2, 5)]
            reveal_type(jnp.concatenate([x, x], axis=1))  # R: f32[(2, 6)]
            reveal_type(jnp.frexp(x))  # R: tuple[f32[(2, 3)], i32[(2, 3)]]
            reveal_type(jax.random.normal(jax.random.key(0), (4,)))  # R: f32[(4,)]
            reveal_type(jnp.sum(x, axis=n))  # R: Array
            reveal_type(jnp.zeros(n))  # R: Array
            reveal_type(jnp.einsum("ij,jk->ik", x, y))  # R: f32[(2, 5)]
        """
    )


def test_named_axes_may_stand_where_stubs_ask_for_positions(check: Check) -> None:
    check(
        """
        import jax.numpy as jnp
        from jax.nn import logsumexp
        from named_types import f32
        from named_types.runtime import lax, numpy as nnp

        def f(x: f32[(2, 3), {'b': 4, 'c': 5}]) -> None:
            reveal_type(jnp.sum(x, axis='b'))  # R: f32[(2, 3), {'c': 5}]
            reveal_type(x.sum(axis=('b', 0)))  # R: f32[(3,), {'c': 5}]
            reveal_type(logsumexp(x, 'c'))  # R: f32[(2, 3), {'b': 4}]
            reveal_type(lax.psum(x, 'b'))  # R: f32[(2, 3), {'c': 5}]
            reveal_type(nnp.sum(x, axis=(0, 'b', 'c')))  # R: f32[(3,)]
            reveal_type(lax.pdot(x, x[0, 0], 'c'))  # R: f32[(2, 3), {'b': 4}]
        """
    )


def test_operators_indexing_and_attributes(check: Check) -> None:
    check(
        """
        import jax.numpy as jnp
        from named_types import f32, i32

        def f(x: f32[(2, 3), {'b': 4}], y: f32[(3,), {'c': 2}], i: i32[()], s: float) -> None:
            reveal_type(x + y)  # R: f32[(2, 3), {'b': 4, 'c': 2}]
            reveal_type(2.0 * x)  # R: f32[(2, 3), {'b': 4}]
            reveal_type(x * s)  # R: f32[(2, 3), {'b': 4}]
            reveal_type(x @ y)  # R: f32[(2,), {'b': 4, 'c': 2}]
            reveal_type(-x)  # R: f32[(2, 3), {'b': 4}]
            reveal_type(x > 0)  # R: bool_[(2, 3), {'b': 4}]
            reveal_type(i // 2)  # R: i32[()]
            reveal_type(x[0])  # R: f32[(3,), {'b': 4}]
            reveal_type(x[:, None, 1:])  # R: f32[(2, 1, 2), {'b': 4}]
            reveal_type(x[..., 0])  # R: f32[(2,), {'b': 4}]
            reveal_type(x.at[0].set(y))  # R: f32[(2, 3), {'b': 4, 'c': 2}]
            reveal_type(x.T)  # R: f32[(3, 2), {'b': 4}]
            reveal_type(x.shape)  # R: tuple[Literal[2]?, Literal[3]?]
            reveal_type(x.astype(jnp.bfloat16))  # R: bf16[(2, 3), {'b': 4}]
            reveal_type(x.reshape(-1))  # R: f32[(6,), {'b': 4}]
        """
    )


def test_numpy_arrays_stay_numpy_arrays_and_fit_the_notation(check: Check) -> None:
    check(
        """
        import jax.numpy as jnp
        import numpy as np
        import numpy.typing as npt
        from named_types import f32

        def takes(x: f32[(2, 3)]) -> None: ...
        def takes_numpy(x: npt.NDArray[np.float32]) -> None: ...

        x: f32[(2, 3)] = np.ones((2, 3), dtype=np.float32)
        y: f32[(3, 5)] = np.ones((3, 5), dtype=np.float32)
        z: f32[(2, 5)] = x.dot(y)
        wrong: f32[(2, 6)] = x.dot(y)  # E: Incompatible types in assignment (expression has type "f32[(2, 5)]", variable has type "f32[(2, 6)]")  [assignment]
        plain = np.ones((2, 3), dtype=np.float32)
        annotated: f32[(2, 3)] = plain
        takes(plain)
        takes_numpy(plain)
        takes(np.ones((2, 4), dtype=np.float32))  # E: Argument "x" to "takes" has incompatible type "f32[(2, 4)]"; expected "f32[(2, 3)]"  [arg-type]
        reveal_type(jnp.dot(plain, y))  # R: f32[(2, 5)]
        scalar: f32[()] = np.float32(2)
        size: int = int(np.prod((2, 3)))
        reveal_type(np.int32(2))  # R: numpy.signedinteger[numpy._typing._nbit_base._32Bit]
        double = np.ones((2, 3))
        reveal_type(double)  # R: numpy.ndarray[tuple[int, int], numpy.dtype[numpy.float64]]
        """
    )
