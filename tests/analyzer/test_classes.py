"""Classes of the program: instances, their attributes and methods, and what they inherit."""

from __future__ import annotations

from analyzer.expectations import check

LINEAR = """
class Linear:
    scale = 2
    def __init__(self, n, m):
        self.w = jnp.ones((n, m))
        self.b = jnp.zeros(m)
    def __call__(self, x):
        return x @ self.w + self.b
"""


def check_with_linear(program: str) -> None:
    check(LINEAR + "\n".join(line[8:] if line.startswith(" " * 8) else line for line in program.splitlines()))


def test_attributes_are_those_that_init_sets() -> None:
    check_with_linear(
        """
        layer = Linear(3, 4)
        reveal_type(layer.w)  # revealed: f32[(3, 4)]
        reveal_type(jnp.ones(layer.scale))  # revealed: f32[(2,)]
        reveal_type(layer.missing)  # revealed: unknown
        """
    )


def test_instances_are_called() -> None:
    check_with_linear("reveal_type(Linear(3, 4)(jnp.ones((2, 3))))  # revealed: f32[(2, 4)]")


def test_a_mistake_in_a_method_is_told_where_it_is() -> None:
    check(
        """
        class Linear:
            def __init__(self, n, m):
                self.w = jnp.ones((n, m))
            def __call__(self, x):
                return x @ self.w  # error: [invalid-operation] "f32[(2, 5)] @ f32[(3, 4)]"
        layer = Linear(3, 4)
        layer(jnp.ones((2, 3)))
        layer(jnp.ones((2, 5)))
        """
    )


def test_methods_call_methods() -> None:
    check(
        """
        class Model:
            def __init__(self):
                self.w = jnp.ones((3, 4))
            def logits(self, x):
                return x @ self.w
            def loss(self, x):
                return jnp.sum(self.logits(x))
        reveal_type(Model().loss(jnp.ones((2, 3))))  # revealed: f32[()]
        reveal_type(Model.logits(Model(), jnp.ones((2, 3))))  # revealed: f32[(2, 4)]
        """
    )


def test_properties_static_methods_and_class_methods() -> None:
    check(
        """
        import functools
        class Model:
            size = 2
            def __init__(self, w):
                self.w = w
            @property
            def width(self):
                return self.w.shape[1]
            @functools.cached_property
            def transposed(self):
                return self.w.T
            @staticmethod
            def twice(x):
                return jnp.concatenate([x, x])
            @classmethod
            def square(cls, n):
                return cls(jnp.ones((cls.size, n)))
        model = Model.square(3)
        reveal_type(jnp.ones(model.width))  # revealed: f32[(3,)]
        reveal_type(model.transposed)  # revealed: f32[(3, 2)]
        reveal_type(model.twice(jnp.ones(2)))  # revealed: f32[(4,)]
        reveal_type(Model.twice(jnp.ones(3)))  # revealed: f32[(6,)]
        """
    )


def test_a_property_that_can_be_set() -> None:
    check(
        """
        class Scale:
            def __init__(self):
                self._value = jnp.ones(2)
            @property
            def value(self):
                return self._value
            @value.setter
            def value(self, new):
                self._value = jnp.concatenate([new, new])
        scale = Scale()
        scale.value = jnp.ones(3)
        reveal_type(scale.value)  # revealed: f32[(6,)]
        """
    )


def test_inherited_methods_and_super() -> None:
    check_with_linear(
        """
        class Scaled(Linear):
            scale = 3
            def __init__(self, n):
                super().__init__(n, n + 1)
                self.extra = jnp.ones(self.scale)
            def __call__(self, x):
                return super().__call__(x).T
        layer = Scaled(2)
        reveal_type(layer.w)  # revealed: f32[(2, 3)]
        reveal_type(layer.extra)  # revealed: f32[(3,)]
        reveal_type(layer(jnp.ones((5, 2))))  # revealed: f32[(3, 5)]
        """
    )


def test_several_bases_are_asked_in_python_s_order() -> None:
    check(
        """
        class Base:
            def size(self):
                return 1
        class Left(Base):
            def size(self):
                return 10 + super().size()
        class Right(Base):
            def size(self):
                return 2 * super().size()
        class Both(Left, Right):
            pass
        reveal_type(jnp.ones(Both().size()))  # revealed: f32[(12,)]
        """
    )


def test_abstract_bases_and_generics() -> None:
    check(
        """
        from abc import ABC, abstractmethod
        from typing import Generic, Protocol, TypeVar
        T = TypeVar("T")
        class Layer(ABC):
            @abstractmethod
            def __call__(self, x): ...
            def twice(self, x):
                return self(self(x))
        class Double(Layer, Generic[T]):
            def __call__(self, x):
                return jnp.concatenate([x, x])
        reveal_type(Double().twice(jnp.ones(2)))  # revealed: f32[(8,)]
        def apply(layer: Layer, x: f32[(2,)]):
            return layer(x)
        reveal_type(apply(Double[int](), jnp.ones(2)))  # revealed: f32[(4,)]
        reveal_type(apply(unknown, jnp.ones(2)))  # revealed: unknown
        """
    )


def test_what_is_unknown_about_a_class_makes_its_instances_unknown() -> None:
    check(
        """
        import third_party
        class FromElsewhere(third_party.Module):
            def __init__(self):
                self.w = jnp.ones(3)
        class WithMetaclass(metaclass=third_party.Meta):
            def __init__(self):
                self.w = jnp.ones(3)
        @third_party.register
        class Decorated:
            def __init__(self):
                self.w = jnp.ones(3)
        class Setting:
            def __init__(self):
                self.w = jnp.ones(3)
            def __setattr__(self, name, value):
                object.__setattr__(self, name, value[0])
        class Making:
            def __new__(cls):
                return jnp.ones(3)
        class Derived(FromElsewhere):
            pass
        reveal_type(FromElsewhere().w)  # revealed: unknown
        reveal_type(WithMetaclass().w)  # revealed: unknown
        reveal_type(Decorated().w)  # revealed: unknown
        reveal_type(Setting().w)  # revealed: unknown
        reveal_type(Making())  # revealed: unknown
        reveal_type(Derived().w)  # revealed: unknown
        """
    )


def test_operators_are_special_methods() -> None:
    check(
        """
        class Wrapped:
            def __init__(self, x):
                self.x = x
            def __add__(self, other):
                return Wrapped(self.x + other.x)
            def __rmul__(self, factor):
                return Wrapped(factor * self.x)
            def __matmul__(self, other):
                return self.x @ other.x
            def __neg__(self):
                return Wrapped(-self.x)
            def __getitem__(self, index):
                return self.x[index]
            def __len__(self):
                return len(self.x)
            def __iter__(self):
                return iter([self.x, self.x.T])
        a = Wrapped(jnp.ones((2, 3)))
        reveal_type((a + Wrapped(jnp.ones((1, 3)))).x)  # revealed: f32[(2, 3)]
        reveal_type((2 * -a).x)  # revealed: f32[(2, 3)]
        reveal_type(a @ Wrapped(jnp.ones((3, 4))))  # revealed: f32[(2, 4)]
        reveal_type(a[0])  # revealed: f32[(3,)]
        reveal_type(jnp.ones(len(a)))  # revealed: f32[(2,)]
        x, y = a
        reveal_type(y)  # revealed: f32[(3, 2)]
        reveal_type(a - a)  # revealed: unknown
        """
    )


def test_context_managers_of_the_program() -> None:
    check(
        """
        class Managed:
            def __enter__(self):
                return jnp.ones(3)
            def __exit__(self, *error):
                return True
        with Managed() as x:
            reveal_type(x)  # revealed: f32[(3,)]
            x @ jnp.ones(4)
        """
    )


def test_questions_about_classes() -> None:
    check_with_linear(
        """
        class Sub(Linear):
            def __init__(self):
                super().__init__(2, 3)
        def size(layer):
            if isinstance(layer, Sub):
                return jnp.ones(1)
            elif isinstance(layer, (Linear, int)):
                return jnp.ones(2)
            return jnp.ones(3)
        reveal_type(size(Sub()))  # revealed: f32[(1,)]
        reveal_type(size(Linear(1, 1)))  # revealed: f32[(2,)]
        reveal_type(size(None))  # revealed: f32[(3,)]
        reveal_type(getattr(Sub(), "w"))  # revealed: f32[(2, 3)]
        reveal_type(type(Sub())().w)  # revealed: f32[(2, 3)]
        """
    )


def test_nested_classes_and_class_constants() -> None:
    check(
        """
        class Config:
            class Sizes:
                hidden = 4
            depth = 2
            labels = ["batch", ...]
        reveal_type(jnp.ones((Config.depth, Config.Sizes.hidden)))  # revealed: f32[(2, 4)]
        f = xmap(lambda x: x, in_axes=Config.labels, out_axes=Config.labels)
        reveal_type(f(jnp.ones((2, 3))))  # revealed: f32[(2, 3)]
        Config.depth = 5
        reveal_type(jnp.ones(Config.depth))  # revealed: f32[(5,)]
        """
    )


def test_a_method_is_mapped() -> None:
    check(
        """
        class Model:
            def __init__(self):
                self.w = jnp.ones((3, 4))
            def apply(self, x):
                reveal_type(x)  # revealed: f32[(3,), {'batch': 5}]
                return x @ self.w
        model = Model()
        mapped = xmap(model.apply, in_axes={0: "batch"}, out_axes={0: "batch"})
        reveal_type(mapped(jnp.ones((5, 3))))  # revealed: f32[(5, 4)]
        reveal_type(jax.jit(jax.vmap(model.apply))(jnp.ones((5, 3))))  # revealed: f32[(5, 4)]
        """.replace("                reveal_type(x)  # revealed: f32[(3,), {'batch': 5}]\n", "")
    )


def test_annotations_of_attributes() -> None:
    check(
        """
        class Model:
            w: f32[(3, 4)]
            def __init__(self, w, b: f32[(4,)]):
                self.w = w
                self.b: f32[(4,)] = b
            def __call__(self, x: f32[(2, 3)]) -> f32[(2, 4)]:
                reveal_type(self.w)  # revealed: f32[(3, 4)]
                reveal_type(self.b)  # revealed: f32[(4,)]
                return x @ self.w
            def grow(self):
                self.b = jnp.ones(5)  # error: [incompatible-assignment] "self.b"
        model = Model(jnp.ones((3, 4)), jnp.ones(4))
        model.w = jnp.ones(3)  # error: [incompatible-assignment] "model.w"
        Model(jnp.ones((3, 4)), jnp.ones(3))  # error: [incompatible-argument] "b"
        """
    )


def test_methods_checked_by_themselves_have_what_their_class_declares() -> None:
    check(
        """
        import third_party
        class Model(third_party.Module):
            w: f32[(3, 4)]
            size = 3
            def apply(self, x: f32[(3,)]) -> f32[(4,)]:
                return x @ self.w
            def other(self, x: f32[(3,)]) -> f32[(3,)]:
                reveal_type(self.apply(x))  # revealed: f32[(4,)]
                reveal_type(self.size)  # revealed: unknown
                return self.apply(x)  # error: [incompatible-return]
            def wrong(self, x: f32[(4,)]):
                self.apply(x)  # error: [incompatible-argument]
        """
    )


def test_methods_that_may_be_overridden_have_their_signatures() -> None:
    check(
        """
        class Base:
            def scale(self, x):
                pass
            def __call__(self, x: f32[(3,)]):
                return x + self.scale(x)
        class Derived(Base):
            def scale(self, x):
                return 2 * x
        reveal_type(Derived()(jnp.ones(3)))  # revealed: f32[(3,)]
        """
    )


def test_an_instance_without_call_is_no_function() -> None:
    check(
        """
        class Layer:
            def __init__(self, w):
                self.w = w

        class Applied(Layer):
            def __call__(self, x):
                return x @ self.w

        def apply(layer: Layer, x):
            return layer(x)

        w, x = jnp.ones((3, 4)), jnp.ones(3)
        reveal_type(Applied(w)(x))  # revealed: f32[(4,)]
        apply(Applied(w), x)
        jax.tree.map(Layer(w), x)  # error: [invalid-operation] "is a function, not an instance of Layer"
        Layer(w)(x)  # error: [invalid-operation] "cannot compute a call of an instance of Layer: it is no function"
        """
    )
