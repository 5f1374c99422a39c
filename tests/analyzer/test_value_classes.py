"""Named tuples, enumerations and typed dicts: classes whose instances are values of Python's own."""

from __future__ import annotations

from analyzer.expectations import check


def test_named_tuples_are_tuples_with_names() -> None:
    check(
        """
        from typing import NamedTuple
        class State(NamedTuple):
            x: f32[(3,)]
            n: int = 2
            def doubled(self):
                return self._replace(x=2 * self.x)
        state = State(jnp.ones(3))
        x, n = state
        reveal_type(state[0])  # revealed: f32[(3,)]
        reveal_type(jnp.ones(n))  # revealed: f32[(2,)]
        reveal_type(state.doubled().x)  # revealed: f32[(3,)]
        reveal_type(state._asdict())  # revealed: {'x': f32[(3,)], 'n': int}
        State(jnp.ones(4))  # error: [incompatible-argument] "x"
        """
    )


def test_named_tuples_without_a_class_statement() -> None:
    check(
        """
        from collections import namedtuple
        Point = namedtuple("Point", "x y")
        class Named(namedtuple("Named", ["x", "y"])):
            def total(self):
                return self.x + self.y
        reveal_type(Point(jnp.ones(2), y=jnp.ones(3)).y)  # revealed: f32[(3,)]
        reveal_type(Named(jnp.ones(2), jnp.ones(2)).total())  # revealed: f32[(2,)]
        """
    )


def test_named_tuples_are_pytrees() -> None:
    check(
        """
        from typing import NamedTuple
        class State(NamedTuple):
            x: jax.Array
            total: jax.Array
        def step(state, row):
            return State(state.x + row, total=state.total + 1.0), state.x
        state, xs = lax.scan(step, State(jnp.zeros(3), jnp.zeros(())), jnp.ones((5, 3)))
        reveal_type(state.x)  # revealed: f32[(3,)]
        reveal_type(xs)  # revealed: f32[(5, 3)]
        gradient = jax.grad(lambda state: jnp.sum(state.x) * state.total)(state)
        reveal_type(gradient.x)  # revealed: f32[(3,)]
        mapped = xmap(lambda state: state.x + state.total, in_axes=(State({0: "a"}, {}),), out_axes={0: "a"})
        reveal_type(mapped(state))  # revealed: f32[(3,)]
        """
    )


def test_members_of_enumerations() -> None:
    check(
        """
        import enum
        class Axis(enum.Enum):
            BATCH = "batch"
            SEQ = enum.auto()
            @property
            def size(self):
                return 3 if self is Axis.BATCH else 4
        class Size(enum.IntEnum):
            HIDDEN = 5
        reveal_type(jnp.ones((Axis.BATCH.size, Axis.SEQ.size)))  # revealed: f32[(3, 4)]
        reveal_type(jnp.ones(Size.HIDDEN + 1))  # revealed: f32[(6,)]
        reveal_type(jnp.ones(Size["HIDDEN"]))  # revealed: f32[(5,)]
        reveal_type(jnp.ones(len(list(Axis))))  # revealed: f32[(2,)]
        reveal_type(Axis("batch").name)  # revealed: str
        """
    )


def test_members_as_axis_names() -> None:
    check(
        """
        import enum
        class Axis(enum.Enum):
            BATCH = "batch"
            SEQ = "seq"
        total = xmap(
            lambda x: lax.psum(x, Axis.BATCH),
            in_axes={0: Axis.BATCH, 1: Axis.SEQ},
            out_axes={0: Axis.SEQ},
            axis_resources={Axis.BATCH: "x", Axis.SEQ: "x"},
        )
        kept = xmap(lambda x: x + 1, in_axes={0: Axis.BATCH}, out_axes={0: Axis.BATCH})
        reveal_type(kept(jnp.ones((2, 3))))  # revealed: f32[(2, 3)]
        wrong = xmap(lambda x: x, in_axes={0: Axis.BATCH}, out_axes={0: Axis.SEQ})  # error: [unbound-axis-name]
        with mesh(np.array(jax.devices()).reshape(1), ("x",)):
            total(jnp.ones((2, 3)))  # error: [resource-conflict]
        """
    )


def test_enumerations_that_are_not_understood_are_unknown() -> None:
    check(
        """
        import enum
        class Computed(enum.Enum):
            A = unknown
            B = unknown
        class Made(enum.Enum):
            A = 1
            def __init__(self, value):
                self.double = 2 * value
        reveal_type(Computed.A.value)  # revealed: unknown
        reveal_type(Computed.A is Computed.B)  # revealed: unknown
        reveal_type(Made.A.double)  # revealed: unknown
        """
    )


def test_typed_dicts_are_dicts() -> None:
    check(
        """
        from typing import TypedDict
        class Params(TypedDict):
            w: jax.Array
            b: jax.Array
        params = Params(w=jnp.ones((2, 3)), b=jnp.ones(3))
        reveal_type(jax.tree.map(jnp.sum, params))  # revealed: {'b': f32[()], 'w': f32[()]}
        reveal_type(params["w"])  # revealed: f32[(2, 3)]
        """
    )


def test_classes_that_calls_make() -> None:
    check(
        """
        from collections import namedtuple
        from enum import Enum, IntEnum
        Point = namedtuple("Point", ["x", "y"], defaults=[4])
        reveal_type(jnp.ones(Point(3)))  # revealed: f32[(3, 4)]
        Axis = IntEnum("Axis", "ROW COLUMN")
        reveal_type(jnp.ones(Axis.COLUMN.value))  # revealed: f32[(2,)]
        Kind = Enum("Kind", {"A": 3, "B": 5})
        reveal_type(jnp.ones(Kind.B.value))  # revealed: f32[(5,)]
        Kind = Enum("Kind", [("A", 3), ("B", 6)])
        reveal_type(jnp.ones(Kind["B"].value))  # revealed: f32[(6,)]
        """
    )


def test_items_of_a_typed_dict_are_declared() -> None:
    check(
        """
        from typing import NotRequired, TypedDict
        class Base(TypedDict):
            w: f32[(2, "n")]
        class Params(Base):
            b: f32[(3,)]
        class Partly(TypedDict):
            w: NotRequired[f32[(2,)]]
            b: f32[(3,)]
        class Loose(TypedDict, total=False):
            w: f32[(2,)]
        def f(params: Params, partly: Partly, loose: Loose):
            reveal_type(params["w"])  # revealed: f32[(2, '_')]
            reveal_type(params["b"])  # revealed: f32[(3,)]
            reveal_type(partly["b"])  # revealed: unknown
            reveal_type(loose["w"])  # revealed: unknown
        params: Params = {"w": jnp.ones((2, 4)), "b": jnp.ones(2)}  # error: [incompatible-assignment]
        """
    )
