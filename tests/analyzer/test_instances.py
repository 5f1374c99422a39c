"""Instances change: what is known of their attributes follows every way the program may take."""

from __future__ import annotations

from inspect import cleandoc

from analyzer.expectations import check

BOX = """
class Box:
    def __init__(self, x=jnp.ones(1)):
        self.x = x
    def grow(self):
        self.x = jnp.concatenate([self.x, self.x])
        return self
"""


def check_with_box(program: str) -> None:
    check(BOX + cleandoc(program))


def test_methods_change_their_instance() -> None:
    check_with_box(
        """
        box = Box()
        same = box
        box.grow().grow()
        reveal_type(box.x)  # revealed: f32[(4,)]
        reveal_type(same.x)  # revealed: f32[(4,)]
        reveal_type(Box().x)  # revealed: f32[(1,)]
        """
    )


def test_functions_change_what_they_are_given_and_what_they_close_over() -> None:
    check_with_box(
        """
        def shrink(box):
            box.x = box.x[0]
        box, other = Box(), Box(jnp.ones(5))
        shrink(box)
        reveal_type(box.x)  # revealed: f32[()]
        def change(n):
            other.x = jnp.ones(n)
        change(3)
        reveal_type(other.x)  # revealed: f32[(3,)]
        change(4)
        reveal_type(other.x)  # revealed: f32[(4,)]
        """
    )


def test_a_function_that_reads_an_instance_sees_it_change() -> None:
    check_with_box(
        """
        box = Box()
        def read():
            return box.x
        reveal_type(read())  # revealed: f32[(1,)]
        box.grow()
        reveal_type(read())  # revealed: f32[(2,)]
        """
    )


def test_branches_are_joined_attribute_by_attribute() -> None:
    check_with_box(
        """
        box = Box()
        box.y = jnp.ones(2)
        if unknown:
            box.grow()
            box.z = 1
        reveal_type(box.x)  # revealed: unknown
        reveal_type(box.y)  # revealed: f32[(2,)]
        reveal_type(box.z)  # revealed: unknown
        """
    )


def test_a_branch_in_a_method_is_seen_by_the_caller() -> None:
    check_with_box(
        """
        class Lazy:
            def __init__(self):
                self.cache = None
            def get(self, flag):
                if flag:
                    self.cache = jnp.ones(3)
                return jnp.ones(2)
        lazy = Lazy()
        lazy.get(unknown)
        reveal_type(lazy.cache)  # revealed: unknown
        """
    )


def test_loops_reach_a_fixpoint() -> None:
    check_with_box(
        """
        box, steady = Box(), Box()
        while unknown:
            box.grow()
            steady.x = steady.x + 1
        reveal_type(box.x)  # revealed: unknown
        reveal_type(steady.x)  # revealed: f32[(1,)]
        for _ in range(3):
            steady.grow()
        reveal_type(steady.x)  # revealed: f32[(8,)]
        """
    )


def test_lists_in_attributes() -> None:
    check(
        """
        class Stack:
            def __init__(self, sizes):
                self.sizes = []
                for size in sizes:
                    self.sizes.append(size)
        stack = Stack([2, 3])
        reveal_type(jnp.ones(tuple(stack.sizes)))  # revealed: f32[(2, 3)]
        if unknown:
            stack.sizes.append(4)
        reveal_type(jnp.ones(tuple(stack.sizes)))  # revealed: unknown
        """
    )


def test_one_of_two_instances_is_unknown() -> None:
    check_with_box(
        """
        a, b = Box(), Box()
        either = a if unknown else b
        reveal_type(either.x)  # revealed: unknown
        either.x = jnp.ones(7)
        reveal_type(a.x)  # revealed: unknown
        """
    )


def test_what_unknown_code_gets_it_may_change() -> None:
    check_with_box(
        """
        import third_party
        first, second, third, fourth, fifth = Box(), Box(), Box(), Box(), Box()
        unknown(first)
        third_party.fit({"boxes": [second]})
        unknown.method(lambda: None, box=third)
        vars(fourth).update(x=1)
        setattr(fifth, unknown, 1)
        reveal_type(first.x)  # revealed: unknown
        reveal_type(second.x)  # revealed: unknown
        reveal_type(third.x)  # revealed: unknown
        reveal_type(fourth.x)  # revealed: unknown
        reveal_type(fifth.x)  # revealed: unknown
        reveal_type(Box().grow().x)  # revealed: f32[(2,)]
        """
    )


def test_attributes_that_are_set_again_are_known_again() -> None:
    check_with_box(
        """
        box = Box()
        unknown(box)
        box.x = jnp.ones(3)
        reveal_type(box.x)  # revealed: f32[(3,)]
        print(box)
        setattr(box, "x", jnp.ones(4))
        reveal_type(box.x)  # revealed: f32[(4,)]
        del box.x
        reveal_type(box.x)  # revealed: unknown
        """
    )


def test_a_call_that_is_not_followed_does_what_it_does() -> None:
    check_with_box(
        """
        box, other = Box(), Box()
        def generate(box):
            box.grow()
            yield box
        generate(box)
        reveal_type(box.x)  # revealed: unknown
        def change(n):
            other.x = jnp.ones(n)
        change(unknown)
        reveal_type(other.x)  # revealed: unknown
        """
    )


def test_layers_of_one_shape_are_interpreted_once() -> None:
    check_with_box(
        """
        class Model:
            def __init__(self, boxes):
                self.boxes = boxes
            def __call__(self, x):
                for box in self.boxes:
                    x = x + box.x
                return x
        model = Model([Box(jnp.ones(3)) for _ in range(60)])
        for _ in range(60):
            y = model(jnp.ones(3))
        reveal_type(y)  # revealed: f32[(3,)]
        model.boxes[1].x = jnp.ones(4)
        model.boxes[0].x = jnp.ones(())
        """
    )


def test_instances_that_hold_each_other() -> None:
    check(
        """
        class Node:
            def __init__(self, parent, x):
                self.parent = parent
                self.x = x
                self.children = []
                if parent is not None:
                    parent.children.append(self)
            def total(self, x):
                return self.x + x
        root = Node(None, jnp.ones(3))
        leaf = Node(root, jnp.ones((2, 1)))
        reveal_type(leaf.parent.children[0].total(root.x))  # revealed: f32[(2, 3)]
        """
    )


def test_what_is_kept_where_nobody_knows_may_change_at_any_time() -> None:
    check(
        """
        import somewhere
        stack = somewhere.stack()
        handlers = [1]
        somewhere.fill(handlers)
        handlers[somewhere.index()] = 2

        class Trace:
            def __enter__(self):
                handlers.append(self)
                self.sizes = {"a": 3}
                return self

            def __exit__(self, *error):
                handlers.pop()

        with Trace() as trace:
            somewhere.run()
        reveal_type(trace.sizes)  # revealed: unknown

        class Kept:
            def __init__(self):
                handlers[0] = self
                self.size = 3

        reveal_type(Kept().size)  # revealed: unknown
        """
    )
