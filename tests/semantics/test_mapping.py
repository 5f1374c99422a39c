"""The typing of xmap: what in_axes introduce, what out_axes eliminate, and every way in which they can be wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax
import pytest
from hypothesis import given
from hypothesis import strategies as st

from named_types import notation
from named_types.algebra import NO_NAMES, UNKNOWN_DIM, AxisMapping, NamedShape, SerialLoop
from named_types.problems import Problem
from named_types.semantics.abstract_array import UNKNOWN, AbstractArray
from named_types.semantics.mapping import check_resources, enter, leave, resource_conflicts
from named_types.semantics.xmap_axes import XmapAxes, read_xmap_axes

ENV = NamedShape({"a": 4, "b": 5})


@jax.tree_util.register_dataclass
@dataclass
class Parameters:
    """A dataclass that is a pytree."""

    weights: Any
    bias: Any


def f32(*shape: int, **named_shape: int) -> AbstractArray:
    return AbstractArray(notation.f32[shape, named_shape])


def axes(in_axes: Any, out_axes: Any = (), **rest: Any) -> XmapAxes:
    read, problems = read_xmap_axes(in_axes, out_axes, **rest)
    assert problems == ()
    return read


def shown(tree: Any) -> Any:
    """The same pytree with its types as text; unknown parts stay."""
    return jax.tree_util.tree_map(lambda leaf: str(leaf) if isinstance(leaf, AbstractArray) else leaf, tree)


def messages(problems: tuple[Problem, ...]) -> list[str]:
    return [problem.message for problem in problems]


@pytest.mark.parametrize(
    ("in_axes", "arguments", "entered"),
    [
        ({0: "a"}, (f32(4, 2),), ("f32[(2,), {'a': 4}]",)),
        ({1: "a"}, (f32(2, 4),), ("f32[(2,), {'a': 4}]",)),
        ({-1: "a"}, (f32(2, 4),), ("f32[(2,), {'a': 4}]",)),
        ({0: "a", -1: "b"}, (f32(4, 3, 5),), ("f32[(3,), {'a': 4, 'b': 5}]",)),
        (["a", ...], (f32(4, 2),), ("f32[(2,), {'a': 4}]",)),
        (["a", None], (f32(4, 2),), ("f32[(2,), {'a': 4}]",)),
        ([None, "a"], (f32(2, 4),), ("f32[(2,), {'a': 4}]",)),
        (["a", "b"], (f32(4, 5),), ("f32[(), {'a': 4, 'b': 5}]",)),
        ([...], (f32(4, 5),), ("f32[(4, 5)]",)),
        ({}, (f32(4), 2.0), ("f32[(4,)]", "f32[()]")),
        (({0: "a"}, {}), (f32(4), f32(4)), ("f32[(), {'a': 4}]", "f32[(4,)]")),
        ((["a", ...], {1: "b"}), (f32(4), f32(2, 5)), ("f32[(), {'a': 4}]", "f32[(2,), {'b': 5}]")),
        ([["a", ...], ["b", ...]], (f32(4), f32(5)), ("f32[(), {'a': 4}]", "f32[(), {'b': 5}]")),
        (({0: "a"},), ([f32(4), (f32(4, 2), 1)][:1],), (["f32[(), {'a': 4}]"],)),
        ({0: "a"}, ({"w": f32(4, 2), "b": [f32(4)]},), ({"w": "f32[(2,), {'a': 4}]", "b": ["f32[(), {'a': 4}]"]},)),
        (
            ({"w": {0: "a"}, "b": {}},),
            ({"w": f32(4, 2), "b": f32(4)},),
            ({"w": "f32[(2,), {'a': 4}]", "b": "f32[(4,)]"},),
        ),
        (({0: "a"}, {}), (f32(4), None), ("f32[(), {'a': 4}]", None)),
        (({0: "a"}, {}), (f32(4), UNKNOWN), ("f32[(), {'a': 4}]", UNKNOWN)),
        (({0: "a"}, UNKNOWN), (f32(4), f32(4)), ("f32[(), {'a': 4}]", UNKNOWN)),
        ({0: "a"}, (f32(4, 2, b=5),), ("f32[(2,), {'a': 4, 'b': 5}]",)),
        ({0: "a"}, (AbstractArray(notation.f32[...]),), ("f32[..., {'a': '_'}]",)),
        ({0: "a"}, (AbstractArray(notation.f32[(4, 2), ...]),), ("f32[(2,), ...]",)),
        ({0: "a"}, (AbstractArray(notation.f32["n", 2]),), ("f32[(2,), {'a': 'n'}]",)),
    ],
)
def test_in_axes_introduce(in_axes: Any, arguments: tuple[Any, ...], entered: tuple[Any, ...]) -> None:
    inside = enter(axes(in_axes), arguments)
    assert messages(inside.problems) == []
    assert shown(inside.arguments) == entered


def test_pytree_classes_are_prefixes_too() -> None:
    parameters = Parameters(f32(4, 2), f32(4))
    every = enter(axes(({0: "a"},)), (parameters,))
    each = enter(axes((Parameters({0: "a"}, {}),)), (parameters,))
    assert shown(every.arguments) == (Parameters("f32[(2,), {'a': 4}]", "f32[(), {'a': 4}]"),)
    assert shown(each.arguments) == (Parameters("f32[(2,), {'a': 4}]", "f32[(4,)]"),)


@pytest.mark.parametrize(
    ("out_axes", "results", "left"),
    [
        ({0: "a"}, f32(2, a=4), "f32[(4, 2)]"),
        ({1: "a"}, f32(2, a=4), "f32[(2, 4)]"),
        ({-1: "a"}, f32(2, 3, a=4), "f32[(2, 3, 4)]"),
        (["a", "b", ...], f32(2, a=4, b=5), "f32[(4, 5, 2)]"),
        (["b", None, "a"], f32(2, a=4, b=5), "f32[(5, 2, 4)]"),
        ({}, f32(2), "f32[(2,)]"),
        ({0: "a"}, f32(2), "f32[(4, 2)]"),
        (["a", "b"], f32(), "f32[(4, 5)]"),
        ({0: "a"}, 1.0, "f32[(4,)]"),
        ({0: "a"}, (f32(a=4), {"k": f32(2)}), ("f32[(4,)]", {"k": "f32[(4, 2)]"})),
        (({0: "a"}, {"k": {1: "b"}}), (f32(), {"k": f32(2)}), ("f32[(4,)]", {"k": "f32[(2, 5)]"})),
        (({}, {0: "a"}), (None, f32()), (None, "f32[(4,)]")),
        (({0: "a"}, UNKNOWN), (f32(), f32(a=4)), ("f32[(4,)]", UNKNOWN)),
        ({0: "a"}, (f32(), UNKNOWN), ("f32[(4,)]", UNKNOWN)),
        (({0: "a"}, {}), UNKNOWN, UNKNOWN),
        ({0: "a"}, AbstractArray(notation.f32[(2,), ...]), "f32[(4, 2), ...]"),
    ],
)
def test_out_axes_eliminate_and_broadcast(out_axes: Any, results: Any, left: Any) -> None:
    outside = leave(axes({0: "a", 1: "b"}, out_axes), results, ENV)
    assert messages(outside.problems) == []
    assert shown(outside.results) == left


@pytest.mark.parametrize(
    ("given_axes", "expected"),
    [
        (({0: "a", "b": "c"}, {}), ["in_axes: a position must be an int, not 'b'"]),
        (([["a", ...], {0: "b", 1: None}], {}), ["in_axes[1]: None is not an axis name"]),
        (
            (5, {}),
            ["in_axes: 5 is not an axis mapping: write a dict such as {0: 'a'} or a list such as ['a', ...]"],
        ),
        (
            ({}, {"loss": None}),
            ["out_axes: a position must be an int, not 'loss'"],
        ),
        (
            ({}, ({}, "a")),
            ["out_axes[1]: 'a' is not an axis mapping: write a dict such as {0: 'a'} or a list such as ['a', ...]"],
        ),
        (({0: "a", 1: "a"}, {}), ["in_axes: axis name 'a' stands for two positions"]),
        ((["a", ..., "b"], {}), ["in_axes: `...` may only stand at the end"]),
        (({0: "a"}, {0: "b"}), ["axis 'b' is unbound in out_axes: only 'a' is in scope"]),
    ],
)
def test_entries_that_are_wrong(given_axes: tuple[Any, Any], expected: list[str]) -> None:
    assert messages(read_xmap_axes(*given_axes)[1]) == expected


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        ({"c": "x"}, ["axis 'c' is unbound in axis_resources: only 'a' is in scope"]),
        ({"a": ("x", "x")}, ["axis 'a' is mapped to resource 'x' twice"]),
        ({"a": ("x", "y", "x", "y")}, [f"axis 'a' is mapped to resource {name!r} twice" for name in "xy"]),
    ],
)
def test_resources_that_are_wrong(resources: dict[str, Any], expected: list[str]) -> None:
    assert messages(read_xmap_axes({0: "a"}, {0: "a"}, axis_resources=resources)[1]) == expected


@pytest.mark.parametrize(
    ("in_axes", "arguments", "expected"),
    [
        (
            ({0: "a"}, {0: "b"}),
            (f32(4),),
            ["in_axes does not fit: it has 2 entries, the function is called with 1 arguments"],
        ),
        (
            ({"w": {0: "a"}},),
            ({"w": f32(4), "b": f32(4)},),
            ["in_axes[0] does not fit: it is a dict with keys 'w', the value is a dict with keys 'w', 'b'"],
        ),
        (
            (({0: "a"}, {}),),
            (f32(4),),
            ['in_axes[0] does not fit: it is a tuple of 2, the value is one array, "f32[(4,)]"'],
        ),
        (
            (({0: "a"}, {}),),
            ([f32(4), f32(4)],),
            ["in_axes[0] does not fit: it is a tuple of 2, the value is a list of 2"],
        ),
        (
            (["a", None],),
            (f32(4, 5, 6),),
            ["in_axes of argument 0 is ['a', None], but \"f32[(4, 5, 6)]\" has rank 3, not 2"],
        ),
        ({2: "a"}, (f32(4, 5),), ["in_axes of argument 0 is {2: 'a'}, but \"f32[(4, 5)]\" has rank 2"]),
        ({0: "a"}, (2.0,), ["in_axes of argument 0 is {0: 'a'}, but \"f32[()]\" has rank 0"]),
        (
            ({0: "a"}, {0: "a"}),
            (f32(4), {"k": f32(5)}),
            ["axis 'a' has size 4 in argument 0 and size 5 in argument 1['k']"],
        ),
    ],
)
def test_arguments_that_do_not_fit(in_axes: Any, arguments: tuple[Any, ...], expected: list[str]) -> None:
    assert messages(enter(axes(in_axes), arguments).problems) == expected


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        (3, "axis_sizes: it must be a dict of sizes by axis name, not 3"),
        ({"a": "b"}, "axis_sizes: the size of axis 'a' must be an int, not 'b'"),
        ({"a": -1}, "axis_sizes: the size of axis 'a' cannot be negative: -1"),
        ({"a": True}, "axis_sizes: the size of axis 'a' must be an int, not True"),
    ],
)
def test_axis_sizes_that_are_wrong(sizes: Any, expected: str) -> None:
    _, problems = read_xmap_axes(["b", ...], [...], axis_sizes=sizes)
    assert messages(problems) == [expected]


def test_axis_sizes_that_are_not_known_may_introduce_any_axis() -> None:
    _, problems = read_xmap_axes(["b", ...], ["c", ...], axis_sizes=UNKNOWN)
    assert problems == ()


def test_axis_resources_that_are_no_dict() -> None:
    _, problems = read_xmap_axes(["b", ...], ["b", ...], axis_resources=["b"])
    assert messages(problems) == ["axis_resources: it must be a dict of resources by axis name, not ['b']"]


def test_a_resource_that_is_not_known_is_left_out() -> None:
    read, problems = read_xmap_axes(["b", ...], ["b", ...], axis_resources={"b": UNKNOWN})
    assert (dict(read.axis_resources), problems) == ({}, ())


def test_a_size_that_differs_from_axis_sizes() -> None:
    told = axes({0: "a"}, axis_sizes={"a": 3})
    inside = enter(told, (f32(4),))
    assert messages(inside.problems) == ["axis 'a' has size 3 in axis_sizes and size 4 in argument 0"]
    assert inside.axis_env == {"a": UNKNOWN_DIM}


def test_axis_sizes_alone_bring_an_axis_into_scope() -> None:
    assert enter(axes({}, axis_sizes={"c": 3}), (f32(4),)).axis_env == {"c": 3}


@pytest.mark.parametrize(
    ("out_axes", "results", "expected"),
    [
        ({}, f32(2, a=4), ["result has type \"f32[(2,), {'a': 4}]\", but its out_axes does not mention axis 'a'"]),
        (
            {0: "a"},
            (f32(a=4), f32(a=4, b=5)),
            ["result[1] has type \"f32[(), {'a': 4, 'b': 5}]\", but its out_axes does not mention axis 'b'"],
        ),
        (
            {},
            {"k": f32(a=4, b=5)},
            ["result['k'] has type \"f32[(), {'a': 4, 'b': 5}]\", but its out_axes does not mention axes 'a' and 'b'"],
        ),
        (["a"], f32(2, a=4), ["out_axes of result is ['a'], but \"f32[(2,), {'a': 4}]\" has rank 1, not 0"]),
        ({3: "a"}, f32(2, a=4), ["out_axes of result is {3: 'a'}, but \"f32[(2,), {'a': 4}]\" has rank 1"]),
        (
            ({0: "a"}, {}),
            f32(),
            ['out_axes does not fit: it is a tuple of 2, the value is one array, "f32[()]"'],
        ),
        (
            ({0: "a"}, {"k": {}}),
            (f32(), {"j": f32()}),
            ["out_axes[1] does not fit: it is a dict with keys 'k', the value is a dict with keys 'j'"],
        ),
    ],
)
def test_results_that_do_not_fit(out_axes: Any, results: Any, expected: list[str]) -> None:
    assert messages(leave(axes({0: "a", 1: "b"}, out_axes), results, ENV).problems) == expected


class TestNested:
    OUTER = NamedShape({"outer": 7})

    def test_outer_names_stay_in_scope_and_in_the_values(self) -> None:
        inside = enter(axes({0: "a"}), (f32(4, 2, outer=7),), self.OUTER)
        assert shown(inside.arguments) == ("f32[(2,), {'a': 4, 'outer': 7}]",)
        assert inside.axis_env == {"outer": 7, "a": 4}

    def test_outer_names_need_no_out_axes(self) -> None:
        outside = leave(axes({0: "a"}, {0: "a"}), f32(a=4, outer=7), NamedShape({"a": 4, "outer": 7}), self.OUTER)
        assert outside.problems == ()
        assert shown(outside.results) == "f32[(4,), {'outer': 7}]"

    def test_an_inner_name_may_not_be_an_outer_one(self) -> None:
        inside = enter(axes({0: "outer"}), (f32(4),), self.OUTER)
        assert messages(inside.problems) == [
            "axis 'outer' of size 4 is introduced where another axis 'outer' of size 7 is in scope"
        ]


class TestResources:
    SHARED = axes((["a", ...], ["b", ...]), ["a", "b", ...], axis_resources={"a": "x", "b": "x"})
    CONFLICT = (
        "axes 'a' and 'b' are both mapped to resource 'x' but meet in one value of type "
        "\"f32[(), {'a': 4, 'b': 5}]\" in result"
    )

    @pytest.mark.parametrize("result", [f32(a=4, b=5), f32(a=4), f32()])
    def test_axes_that_share_a_resource_may_not_meet_in_a_result_not_even_by_broadcasting(
        self, result: AbstractArray
    ) -> None:
        assert messages(leave(self.SHARED, result, ENV).problems) == [self.CONFLICT]

    def test_an_unknown_named_shape_has_no_conflict(self) -> None:
        assert leave(self.SHARED, AbstractArray(notation.f32[(), ...]), ENV).problems == ()
        assert resource_conflicts(notation.f32[(), ...], self.SHARED.axis_resources) == []

    def test_loops_of_different_axes_are_different_resources(self) -> None:
        loops = axes({}, {}, axis_sizes=ENV, axis_resources={"a": SerialLoop(2), "b": SerialLoop(5)})
        assert resource_conflicts(f32(a=4, b=5).type, loops.axis_resources) == []

    @pytest.mark.parametrize(
        ("resources", "scope", "expected"),
        [
            ({"a": "x"}, {"x": 2}, []),
            ({"a": "x"}, {"x": None}, []),
            ({"a": "x"}, None, []),
            ({"a": "x"}, {}, ["axis 'a' is mapped to resource 'x', but no mesh is in scope"]),
            ({"a": ("x", "y")}, {"x": 2}, ["axis 'a' is mapped to resource 'y', but only 'x' is in scope"]),
            ({"b": "x"}, {"x": 2}, ["axis 'b' of size 5 is mapped to 'x' (size 2): 5 is not divisible by 2"]),
            (
                {"a": ("x", "y")},
                {"x": 2, "y": 3},
                ["axis 'a' of size 4 is mapped to 'x' (size 2) and 'y' (size 3): 4 is not divisible by 6"],
            ),
            ({"a": SerialLoop(2)}, {}, []),
            (
                {"a": SerialLoop(3)},
                None,
                ["axis 'a' of size 4 is mapped to SerialLoop(3) (size 3): 4 is not divisible by 3"],
            ),
        ],
    )
    def test_axes_divide_by_resources_that_are_in_scope(
        self, resources: dict[str, Any], scope: dict[Any, int | None] | None, expected: list[str]
    ) -> None:
        told = axes({0: "a", 1: "b"}, {}, axis_resources=resources)
        assert messages(check_resources(told, ENV, scope)) == expected


@st.composite
def calls(draw: st.DrawFn) -> tuple[list[AxisMapping], list[AbstractArray]]:
    """Axis mappings, and arguments that fit them: each mapped position has the size of its axis."""
    mappings, arrays = [], []
    for _ in range(draw(st.integers(1, 3))):
        names: list[str | None] = draw(st.lists(st.sampled_from(["a", "b", None]), max_size=4).filter(_distinct))
        sizes = [ENV[name] if name is not None else draw(st.integers(0, 3)) for name in names]
        positions = tuple((position, name) for position, name in enumerate(names) if name is not None)
        mappings.append(AxisMapping(positions, draw(st.sampled_from([None, len(names)]))))
        arrays.append(f32(*[int(str(size)) for size in sizes]))
    return mappings, arrays


def _distinct(names: list[str | None]) -> bool:
    named = [name for name in names if name is not None]
    return len(named) == len(set(named))


def _all_problems(in_axes: list[Any], arguments: list[Any], results: list[Any]) -> list[Problem]:
    told, problems = read_xmap_axes(tuple(in_axes), tuple(in_axes), axis_resources={})
    inside = enter(told, arguments)
    outside = leave(told, tuple(results), inside.axis_env)
    return [*problems, *inside.problems, *outside.problems]


@given(calls())
def test_out_axes_undo_in_axes(call: tuple[list[AxisMapping], list[AbstractArray]]) -> None:
    mappings, arrays = call
    told = axes(tuple(mappings), tuple(mappings))
    inside = enter(told, arrays)
    assert leave(told, inside.arguments, inside.axis_env).results == tuple(arrays)


@given(calls(), st.data())
def test_what_is_unknown_creates_no_problem(
    call: tuple[list[AxisMapping], list[AbstractArray]], data: st.DataObject
) -> None:
    mappings, arrays = call
    inside = enter(axes(tuple(mappings), tuple(mappings)), arrays)
    assert _all_problems(mappings, arrays, list(inside.arguments)) == []
    parts: list[list[Any]] = [list(mappings), list(arrays), list(inside.arguments)]
    for part in parts:
        for index in data.draw(st.sets(st.sampled_from(range(len(part))))):
            whole: list[Any] = [UNKNOWN]
            if isinstance(part[index], AbstractArray):
                whole += [AbstractArray(), part[index].with_named_shape(None)]
            part[index] = data.draw(st.sampled_from(whole))
    assert _all_problems(*parts) == []


@given(calls())
def test_nothing_is_said_of_arguments_of_which_nothing_is_known(call: tuple[list[AxisMapping], Any]) -> None:
    mappings, _ = call
    told = axes(tuple(mappings), tuple(mappings))
    assert enter(told, [UNKNOWN] * len(mappings), NO_NAMES).problems == ()
    assert leave(told, UNKNOWN, NO_NAMES).problems == ()
