"""Dataclasses of Python, and those of JAX's libraries, which are pytrees of their fields."""

from __future__ import annotations

from analyzer.expectations import check


def test_fields_defaults_and_keywords() -> None:
    check(
        """
        from dataclasses import KW_ONLY, dataclass, field
        @dataclass
        class Config:
            n: int
            m: int = 3
            sizes: list[int] = field(default_factory=lambda: [1, 2])
            _: KW_ONLY
            depth: int = 4
        config = Config(2, depth=5)
        reveal_type(jnp.ones((config.n, config.m, config.depth)))  # revealed: f32[(2, 3, 5)]
        config.sizes.append(3)
        reveal_type(jnp.ones(tuple(config.sizes)))  # revealed: f32[(1, 2, 3)]
        reveal_type(jnp.ones(tuple(Config(1).sizes)))  # revealed: f32[(1, 2)]
        """
    )


def test_arguments_are_held_against_the_annotations_of_the_fields() -> None:
    check(
        """
        from dataclasses import dataclass
        @dataclass
        class Params:
            w: f32[("n", 4)]
            b: f32[(4,)]
            def __call__(self, x):
                return x @ self.w + self.b
        params = Params(jnp.ones((3, 4)), b=jnp.zeros(4))
        reveal_type(params(jnp.ones((2, 3))))  # revealed: f32[(2, 4)]
        Params(jnp.ones((3, 5)), jnp.zeros(4))  # error: [incompatible-argument] "w"
        Params(jnp.ones((3, 4)), b=jnp.zeros(5))  # error: [incompatible-argument] "b"
        params.b = jnp.zeros(3)  # error: [incompatible-assignment] "params.b"
        """
    )


def test_fields_are_inherited() -> None:
    check(
        """
        from dataclasses import dataclass
        @dataclass
        class Base:
            n: int
            m: int = 2
        @dataclass
        class Derived(Base):
            m: int = 3
            k: int = 4
        derived = Derived(1, k=5)
        reveal_type(jnp.ones((derived.n, derived.m, derived.k)))  # revealed: f32[(1, 3, 5)]
        """
    )


def test_what_init_leaves_to_post_init() -> None:
    check(
        """
        from dataclasses import InitVar, dataclass, field
        from typing import ClassVar
        @dataclass(frozen=True)
        class Block:
            width: int
            heads: InitVar[int] = 2
            count: ClassVar[int] = 7
            size: int = field(init=False)
            def __post_init__(self, heads):
                object.__setattr__(self, "size", self.width // heads)
        block = Block(12, 3)
        reveal_type(jnp.ones((block.size, Block.count)))  # revealed: f32[(4, 7)]
        """
    )


def test_replace_and_asdict() -> None:
    check(
        """
        import dataclasses
        @dataclasses.dataclass(frozen=True)
        class Config:
            n: int
            m: int = 3
        config = dataclasses.replace(Config(2), m=4)
        reveal_type(jnp.ones((config.n, config.m)))  # revealed: f32[(2, 4)]
        reveal_type(dataclasses.asdict(config))  # revealed: {'n': int, 'm': int}
        reveal_type(dataclasses.replace(unknown, m=4).m)  # revealed: unknown
        """
    )


def test_frozen_instances_are_joined_field_by_field() -> None:
    check(
        """
        from dataclasses import dataclass
        @dataclass(frozen=True)
        class Config:
            n: int
            m: int
        config = Config(2, 3) if unknown else Config(2, 4)
        reveal_type(jnp.ones(config.n))  # revealed: f32[(2,)]
        reveal_type(jnp.ones(config.m))  # revealed: unknown
        """
    )


def test_a_parameter_of_a_class_has_its_declared_fields() -> None:
    check(
        """
        from dataclasses import dataclass
        @dataclass
        class Params:
            w: f32[(3, 4)]
            scale: int = 2
        def apply(params: Params, x: f32[(4,)]):
            reveal_type(params.scale)  # revealed: unknown
            return x @ params.w  # error: [invalid-operation]
        """
    )


def test_equinox_modules_are_pytrees() -> None:
    check(
        """
        import equinox as eqx
        class Linear(eqx.Module):
            w: jax.Array
            n: int = eqx.field(static=True)
            def __init__(self, n, m):
                self.w = jnp.ones((n, m))
                self.n = n
            def __call__(self, x):
                return x @ self.w
        class MLP(eqx.Module):
            layers: list[Linear]
            def __call__(self, x):
                for layer in self.layers:
                    x = layer(x)
                return x
        mlp = MLP([Linear(3, 4), Linear(4, 5)])
        reveal_type(jax.vmap(mlp)(jnp.ones((2, 3))))  # revealed: f32[(2, 5)]
        def loss(model, x):
            return jnp.sum(model(x))
        gradient = jax.jit(jax.grad(loss))(mlp, jnp.ones(3))
        reveal_type(gradient.layers[1].w)  # revealed: f32[(4, 5)]
        stacked = jax.tree.map(lambda a: jnp.stack([a, a]), mlp)
        reveal_type(stacked.layers[0].w)  # revealed: f32[(2, 3, 4)]
        reveal_type(jnp.ones(stacked.layers[0].n))  # revealed: f32[(3,)]
        mlp(jnp.ones(4))  # the mistake is at the line of the method
        """.replace("        mlp(jnp.ones(4))  # the mistake is at the line of the method\n", "")
    )


def test_flax_and_chex() -> None:
    check(
        """
        import chex
        import flax
        from flax import struct
        @struct.dataclass
        class State:
            w: jax.Array
            name: str = struct.field(pytree_node=False, default="sgd")
        @chex.dataclass
        class Carry:
            state: State
            total: jax.Array
        state = State(jnp.ones(3)).replace(w=jnp.ones(4))
        def step(carry, x):
            new = carry.state.replace(w=carry.state.w + x)
            return Carry(state=new, total=carry.total + 1.0), new.w
        carry, ws = lax.scan(step, Carry(state=state, total=jnp.zeros(())), jnp.ones(7))
        reveal_type(carry.state.w)  # revealed: f32[(4,)]
        reveal_type(ws)  # revealed: f32[(7, 4)]
        """
    )


def test_classes_registered_with_jax() -> None:
    check(
        """
        from dataclasses import dataclass
        @jax.tree_util.register_pytree_node_class
        class Pair:
            def __init__(self, a, b):
                self.a, self.b = a, b
            def tree_flatten(self):
                return (self.a, self.b), None
            @classmethod
            def tree_unflatten(cls, aux, children):
                return cls(*children)
        @partial(jax.tree_util.register_dataclass, data_fields=["x"], meta_fields=["n"])
        @dataclass
        class Box:
            x: jax.Array
            n: int
        pair = Pair(jnp.ones((5, 2)), jnp.ones((5, 2)))
        reveal_type(jax.vmap(lambda pair: pair.a @ pair.b)(pair))  # revealed: f32[(5,)]
        mapped = xmap(lambda box: box.x * box.n, in_axes={0: "a"}, out_axes={0: "a"})
        reveal_type(mapped(Box(jnp.ones((5, 2)), 3)))  # revealed: f32[(5, 2)]
        """
    )


def test_other_instances_are_no_pytrees() -> None:
    check(
        """
        class Plain:
            def __init__(self):
                self.x = jnp.ones(3)
        reveal_type(jax.tree.map(lambda a: a, {"p": Plain()})["p"])  # revealed: unknown
        """
    )


def test_simple_namespaces() -> None:
    check(
        """
        from types import SimpleNamespace
        config = SimpleNamespace(n=2, m=3)
        config.m = 4
        reveal_type(jnp.ones((config.n, config.m)))  # revealed: f32[(2, 4)]
        """
    )
