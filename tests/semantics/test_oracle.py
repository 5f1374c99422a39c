"""What the oracle says of a call is what the call gives when it really runs."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from named_types import notation
from named_types.algebra import (
    ELEMENT_TYPES,
    NO_NAMES,
    UNKNOWN_ARRAY,
    UNKNOWN_DIM,
    ArrayType,
    AxisName,
    NamedShape,
    Shape,
)
from named_types.problems import (
    InvalidOperation,
    LetterwiseAxis,
    MissingNamedAxis,
    PartialContraction,
    Problem,
    UnboundAxisName,
)
from named_types.semantics import library, oracle
from named_types.semantics.abstract_array import UNKNOWN, AbstractArray
from named_types.semantics.avals import array_of_aval
from named_types.semantics.oracle import evaluate
from named_types.semantics.outcome import SILENT, Outcome

DTYPES = ("float32", "int32", "bool", "complex64", "bfloat16", "uint8", "float16", "int8")
OPERATORS = "add sub mul truediv floordiv mod eq lt and_ or_ xor lshift".split()
few = settings(max_examples=25, deadline=None)
"""For properties that run JAX: it compiles each operation for each kind of operands."""


def f32(*shape: int, weak_type: bool = False, **named_shape: int) -> AbstractArray:
    return AbstractArray(notation.f32[shape, named_shape], weak_type)


def text(outcome: Outcome) -> str:
    """The problem's whole message, or the value."""
    return outcome.problem.message if outcome.problem is not None else str(outcome.value)


NUMBERS: list[list[Any]] = [
    [0, 1, -1, 127, 300, -(2**31), 2**31 - 1],
    [0.0, -1.5, 1e300, float("nan")],
    [0j, 1e300j],
    [False, True],
]
"""Numbers of each of Python's types."""


def gist(outcome: Outcome) -> Any:
    """The value, or JAX's objection without the arguments."""
    return outcome.problem.said if isinstance(outcome.problem, InvalidOperation) else outcome


def shapes() -> SearchStrategy[tuple[int, ...]]:
    return st.lists(st.sampled_from([1, 2, 3]), max_size=3).map(tuple)


def operands() -> SearchStrategy[Any]:
    """JAX arrays, strongly and weakly typed, and Python numbers."""
    arrays = st.builds(jnp.ones, shapes(), st.sampled_from(DTYPES))
    numbers = st.sampled_from([2, 2.5, True, 1j])
    return arrays | numbers | numbers.map(jnp.asarray) | arrays.map(lambda array: array * 1)


def abstract(value: Any) -> Any:
    """What the oracle is told of a value: arrays by their types, numbers as they are."""
    return jax.tree_util.tree_map(
        lambda leaf: array_of_aval(jax.typeof(leaf)) if isinstance(leaf, jax.Array) else leaf, value
    )


def agrees(path: str, args: Any, run: Callable[..., Any], kwargs: dict[str, Any] | None = None) -> None:
    """The oracle's outcome is the value's type where the call runs, and a problem where it raises."""
    outcome = evaluate(path, abstract(args), abstract(kwargs or {}))
    rejected = _rejection(run, *args, **kwargs or {})
    if rejected is None:
        assert outcome == Outcome(abstract(run(*args, **kwargs or {})))
    else:
        assert isinstance(outcome.problem, InvalidOperation)
        assert outcome.problem.said == rejected


def _rejection(run: Callable[..., Any], *args: Any, **kwargs: Any) -> str | None:
    """The first line of what JAX objects to a call."""
    try:
        run(*args, **kwargs)
    except (TypeError, ValueError, IndexError) as error:
        return str(error).splitlines()[0].rstrip(" :")
    return None


@few
@given(st.sampled_from(OPERATORS), operands(), operands())
def test_operators_give_the_shapes_dtypes_and_weak_types_of_running_them(name: str, left: Any, right: Any) -> None:
    if isinstance(left, jax.Array) or isinstance(right, jax.Array):
        agrees(f"operator.{name}", (left, right), getattr(operator, name))


@few
@given(st.sampled_from(["neg", "abs", "invert", "pos"]), operands())
def test_unary_operators_do_too(name: str, operand: Any) -> None:
    path = "operator.inv" if name == "invert" else f"operator.{name}"
    if isinstance(operand, jax.Array):
        agrees(path, (operand,), getattr(operator, name))


@few
@given(st.sampled_from(["add", "arctan2", "maximum", "matmul", "outer", "logaddexp", "kron", "tensordot"]),
       operands(), operands())  # fmt: skip
def test_functions_of_two_arrays_do_too(name: str, left: Any, right: Any) -> None:
    agrees(f"jax.numpy.{name}", (left, right), getattr(jnp, name))


@few
@given(st.sampled_from(["sum", "mean", "max", "prod", "cumsum", "sort", "any"]), operands(),
       st.none() | st.integers(-2, 2))  # fmt: skip
def test_reductions_do_too(name: str, operand: Any, axis: int | None) -> None:
    agrees(f"jax.numpy.{name}", (operand,), getattr(jnp, name), {"axis": axis})
    if isinstance(operand, jax.Array):
        agrees(f"jax.Array.{name}", (operand,), lambda array, axis: getattr(array, name)(axis=axis), {"axis": axis})


@few
@given(st.lists(operands(), min_size=1, max_size=3))
def test_lists_of_arrays_do_too(parts: list[Any]) -> None:
    agrees("jax.numpy.stack", (parts,), jnp.stack)
    agrees("jax.numpy.broadcast_arrays", parts, jnp.broadcast_arrays)


@few
@given(st.builds(jnp.ones, shapes(), st.sampled_from(DTYPES)),
       st.sampled_from([0, -1, slice(None), slice(1, None), None, ..., (0, ...), (None, 0), (0, 0)]))  # fmt: skip
def test_indexing_does_too(array: jax.Array, index: Any) -> None:
    agrees("operator.getitem", (array, index), operator.getitem)


def test_results_that_are_no_arrays_are_plain_values() -> None:
    assert evaluate("jax.numpy.shape", (f32(2, 3),), {}).value == (2, 3)
    assert evaluate("jax.Array.ndim", (f32(2, 3),), {}).value == 2
    assert evaluate("jax.numpy.result_type", (f32(2), 1), {}).value == np.dtype("float32")
    assert evaluate("jax.numpy.issubdtype", ("float32", "int32"), {}).value is False


class TestAxisEnv:
    ENV = NamedShape({"a": 4, "batch": 20})

    def test_the_sum_of_one_over_an_axis_is_its_size(self) -> None:
        assert evaluate("jax.lax.psum", (1, "a"), {}, self.ENV).value == 4
        assert evaluate("jax.lax.axis_size", (("a", "batch"),), {}, self.ENV).value == 80

    def test_names_reduced_are_gone(self) -> None:
        total = evaluate("jax.lax.psum", (f32(5, a=4, batch=20), "a"), {}, self.ENV)
        assert str(total.value) == "f32[(5,), {'batch': 20}]"
        assert str(evaluate("jax.numpy.sum", (f32(5, a=4), (0, "a")), {}, self.ENV).value) == "f32[()]"

    def test_gathered_axes_become_positional(self) -> None:
        gathered = evaluate("jax.lax.all_gather", (f32(5, a=4, batch=20), "a"), {"axis": 1}, self.ENV)
        assert str(gathered.value) == "f32[(5, 4), {'batch': 20}]"

    def test_an_index_has_its_axis(self) -> None:
        assert str(evaluate("jax.lax.axis_index", ("a",), {}, self.ENV).value) == "i32[(), {'a': 4}]"

    @pytest.mark.parametrize("axis", ["c", ("a", "c")])
    def test_unbound_names_are_told_with_those_in_scope(self, axis: AxisName) -> None:
        outcome = evaluate("jax.lax.psum", (f32(5), axis), {}, self.ENV)
        assert outcome.problem == UnboundAxisName("c", ("a", "batch"), "jax.lax.psum")
        assert text(outcome) == "axis 'c' is unbound in jax.lax.psum: only 'a' and 'batch' are in scope"

    def test_a_remembered_problem_tells_what_is_in_scope_now(self) -> None:
        for env in (NO_NAMES, NamedShape({"b": 2})):
            outcome = evaluate("jax.lax.pmax", (f32(5), "c"), {}, env)
            assert outcome.problem == UnboundAxisName("c", tuple(env), "jax.lax.pmax")

    def test_a_bare_string_is_read_letter_by_letter(self) -> None:
        outcome = evaluate("jax.numpy.sum", (f32(5, batch=20),), {"axis": "batch"}, self.ENV)
        assert outcome.problem == LetterwiseAxis("batch", "jax.numpy.sum")
        assert text(outcome) == "jax.numpy.sum reads axis='batch' as the axes 'b', 'a', 't', 'c' and 'h'"

    def test_a_bare_string_given_by_position_is_too(self) -> None:
        outcome = evaluate("jax.numpy.mean", (f32(5, batch=20), "batch"), {}, self.ENV)
        assert outcome.problem == LetterwiseAxis("batch", "jax.numpy.mean")

    def test_letters_that_are_bound_are_reduced_letter_by_letter_and_said_so(self) -> None:
        env = NamedShape({"a": 4, "b": 3, "ab": 2})
        outcome = evaluate("jax.numpy.sum", (f32(5, a=4, b=3, ab=2),), {"axis": "ab"}, env)
        assert outcome.problem == LetterwiseAxis("ab", "jax.numpy.sum")

    def test_letters_that_are_all_bound_are_what_jax_reduces(self) -> None:
        env = NamedShape({"a": 4, "b": 3})
        assert text(evaluate("jax.numpy.sum", (f32(5, a=4, b=3),), {"axis": "ab"}, env)) == "f32[(5,)]"

    def test_a_string_whose_letters_are_unbound_is_told_so_even_if_it_is_no_axis_itself(self) -> None:
        outcome = evaluate("jax.numpy.max", (f32(5),), {"axis": "batch"})
        assert outcome.problem == LetterwiseAxis("batch", "jax.numpy.max")

    def test_one_letter_is_one_name_either_way(self) -> None:
        assert str(evaluate("jax.numpy.sum", (f32(5, a=4),), {"axis": "a"}, self.ENV).value) == "f32[(5,)]"

    def test_functions_that_read_a_string_as_one_name_take_it(self) -> None:
        outcome = evaluate("jax.nn.logsumexp", (f32(5, batch=20),), {"axis": "batch"}, self.ENV)
        assert str(outcome.value) == "f32[(5,)]"


def test_values_made_on_the_way_are_told_once_for_each_crowded_named_shape() -> None:
    outcome = evaluate("jax.numpy.dot", (f32(5, a=4), f32(5, b=3)), {})
    assert [kind.named_shape for kind in outcome.intermediates] == [NamedShape({"a": 4, "b": 3})]
    assert evaluate("jax.numpy.dot", (f32(5, a=4), f32(5, a=4)), {}).intermediates == ()


class TestSymbolicDims:
    def symbolic(self, *shape: int | str) -> AbstractArray:
        return AbstractArray(notation.f32[shape])

    @pytest.mark.parametrize(
        ("path", "args", "result"),
        [
            ("jax.numpy.dot", [("n", "m"), ("m", 3)], "f32[('n', 3)]"),
            ("jax.numpy.concatenate", [[("n", 2), ("m", 2)]], "f32[('m+n', 2)]"),
            ("jax.numpy.ravel", [("n", 3)], "f32[('3*n',)]"),
            ("jax.numpy.outer", [("n",), ("n",)], "f32[('n', 'n')]"),
            ("operator.add", [("n", 1), ("m",)], "f32[('n', 'm')]"),
            ("jax.numpy.stack", [[("n",), ("n",)]], "f32[(2, 'n')]"),
            ("jax.numpy.mean", [("n", "2*n+1")], "f32[()]"),
            ("jax.numpy.swapaxes", [("n", 3), 0, 1], "f32[(3, 'n')]"),
        ],
    )
    def test_sizes_are_computed_with(self, path: str, args: list[Any], result: str) -> None:
        arrays = jax.tree_util.tree_map(
            lambda leaf: self.symbolic(*leaf) if isinstance(leaf, tuple) else leaf,
            args,
            is_leaf=lambda leaf: isinstance(leaf, tuple),
        )
        assert str(evaluate(path, arrays, {}).value) == result

    def test_where_jax_needs_numbers_two_stand_ins_must_agree(self) -> None:
        """`searchsorted` loops as often as the logarithm of the size says, so JAX refuses dimension variables."""
        found = evaluate("jax.numpy.searchsorted", (self.symbolic("n"), f32(5)), {})
        assert str(found.value) == "i32[(5,)]"
        assert str(evaluate("jax.scipy.fft.dct", (self.symbolic(3, "n"),), {}).value) == "f32[(3, '_')]"

    def test_what_is_wrong_at_every_size_is_wrong(self) -> None:
        outcome = evaluate("jax.numpy.dot", (self.symbolic("n", "m"), self.symbolic("n", "m")), {})
        assert text(outcome) == (
            "cannot compute jax.numpy.dot(f32[('n', 'm')], f32[('n', 'm')]): "
            "the axes that are summed over have sizes m and n"
        )

    def test_what_may_be_right_at_some_size_is_unknown(self) -> None:
        assert evaluate("jax.numpy.split", (self.symbolic("n"), 101), {}) == SILENT

    def test_an_axis_of_unknown_size_is_no_obstacle(self) -> None:
        env = NamedShape({"a": UNKNOWN_DIM})
        array = AbstractArray(notation.f32[(5,), {"a": "_"}])
        assert str(evaluate("jax.lax.psum", (array, "a"), {}, env).value) == "f32[(5,)]"
        assert str(evaluate("jax.lax.all_gather", (array, "a"), {}, env).value) == "f32[('_', 5)]"

    def test_an_axis_of_symbolic_size_is_none_either(self) -> None:
        env = NamedShape({"a": notation.f32["n"].shape.dims[0]})
        array = AbstractArray(notation.f32[(5,), {"a": "n"}])
        assert str(evaluate("jax.lax.psum", (array, "a"), {}, env).value) == "f32[(5,)]"


class TestUnknown:
    @pytest.mark.parametrize(
        ("path", "args"),
        [
            ("jax.numpy.add", (f32(2), UNKNOWN)),
            ("jax.numpy.add", (f32(2), AbstractArray())),
            ("jax.numpy.sum", (AbstractArray(UNKNOWN_ARRAY),)),
            ("jax.numpy.sum", (AbstractArray(notation.f32["_"]),)),
            ("jax.numpy.sum", (AbstractArray(notation.floating[2, 3]),)),
            ("operator.getitem", (f32(5), slice(UNKNOWN, None))),
            ("operator.getitem", (f32(5), slice(None, f32()))),
            ("jax.numpy.load", ("weights.npy",)),
            ("jax.numpy.nonexistent", (f32(2),)),
        ],
    )
    def test_unknown_arguments_and_callables_give_unknown_silently(self, path: str, args: tuple[Any, ...]) -> None:
        assert evaluate(path, args, {}) == SILENT

    @pytest.mark.parametrize(
        ("path", "args"),
        [
            ("jax.numpy.unique", (f32(5),)),
            ("jax.numpy.nonzero", (f32(5),)),
            ("operator.getitem", (f32(5), AbstractArray(notation.bool_[5]))),
            ("jax.numpy.arange", (f32(),)),
            ("jax.numpy.zeros", (AbstractArray(notation.i32[()]),)),
            ("jax.numpy.repeat", (f32(5), AbstractArray(notation.i32[5]))),
            ("jax.numpy.linspace", (0, 1, AbstractArray(notation.i32[()]))),
        ],
    )
    def test_results_that_depend_on_values_are_unknown_silently(self, path: str, args: tuple[Any, ...]) -> None:
        assert evaluate(path, args, {}) == SILENT

    def test_an_unknown_named_shape_stays_unknown(self) -> None:
        array = AbstractArray(notation.f32[(5,), ...])
        assert str(evaluate("jax.numpy.add", (array, f32(5, a=4)), {}).value) == "f32[(5,), ...]"
        outcome = evaluate("jax.numpy.zeros_like", (array,), {})
        assert str(outcome.value) == "f32[(5,)]"

    @pytest.mark.parametrize(
        ("path", "args"),
        [
            ("jax.numpy.split", (f32(10**7), 10**6)),
            ("jax.numpy.diff", (f32(10**7), 10**6)),
            ("jax.numpy.unstack", (f32(10**7),)),
            ("jax.numpy.poly", (f32(10**6),)),
        ],
    )
    def test_calls_that_would_take_long_are_not_made(self, path: str, args: tuple[Any, ...]) -> None:
        assert evaluate(path, args, {}) == SILENT


def test_sizes_too_large_for_any_machine_are_only_numbers() -> None:
    assert str(evaluate("jax.numpy.arange", (10**12,), {}).value) == "i32[(1000000000000,)]"
    assert str(evaluate("jax.numpy.dot", (f32(10**9, 5), f32(5, 10**9)), {}).value) == "f32[(1000000000, 1000000000)]"


@pytest.mark.parametrize(
    ("path", "args", "kwargs", "message"),
    [
        (
            "jax.numpy.dot",
            (f32(2, 3), f32(2, 3)),
            {},
            "cannot compute jax.numpy.dot(f32[(2, 3)], f32[(2, 3)]): the axes that are summed over have sizes 3 and 2",
        ),
        (
            "operator.add",
            (f32(2), f32(3)),
            {},
            "cannot compute f32[(2,)] + f32[(3,)]: sizes 2 and 3 of axis -1 do not broadcast",
        ),
        (
            "jax.numpy.reshape",
            (f32(2, 3), (5,)),
            {},
            "cannot compute jax.numpy.reshape(f32[(2, 3)], (5,)): 6 entries do not make (5,), which has 5",
        ),
        (
            "jax.numpy.sum",
            (f32(2, 3),),
            {"axis": 2},
            "cannot compute jax.numpy.sum(f32[(2, 3)], axis=2): there is no axis 2, for there are 2 axes",
        ),
    ],
)
def test_what_jax_rejects_is_told_whole(path: str, args: Any, kwargs: dict[str, Any], message: str) -> None:
    assert text(evaluate(path, args, kwargs)) == message


@pytest.mark.parametrize(
    ("specification", "operands", "problem"),
    [
        ("n{a},m->nm", (f32(2), f32(3)), MissingNamedAxis),
        ("n{a},m->nm", (f32(2, a=4), f32(3, a=4)), PartialContraction),
    ],
)
def test_the_rules_of_named_contraction_hold_for_the_operands_of_this_call(
    specification: str, operands: tuple[AbstractArray, ...], problem: type[Problem]
) -> None:
    env = NamedShape({"a": 4})
    outcome = evaluate("named_types.runtime.numpy.einsum", (specification, *operands), {}, env)
    assert isinstance(outcome.problem, problem)


def test_sizes_that_stand_in_for_dimension_variables_are_not_told() -> None:
    env = NamedShape({"a": 3, "b": 4})
    vector = AbstractArray(notation.f32[("n",), env])
    outcome = evaluate("jax.numpy.convolve", (vector, vector), {}, env)
    assert text(outcome) == "f32[('_',), {'a': 3, 'b': 4}]"
    assert [str(one) for one in outcome.intermediates] == ["f32[(1, 1, '_'), {'a': 3, 'b': 4}]"]


class TestMemo:
    @pytest.fixture
    def traced(self, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
        """The calls of `jax.make_jaxpr` from here on."""
        calls: list[Any] = []
        make_jaxpr = jax.make_jaxpr

        def counted(function: Any, **kwargs: Any) -> Any:
            calls.append(function)
            return make_jaxpr(function, **kwargs)

        monkeypatch.setattr(jax, "make_jaxpr", counted)
        monkeypatch.setattr(oracle, "_MEMO", type(oracle._MEMO)("call"))
        return calls

    def test_a_second_evaluation_traces_nothing_whatever_the_named_shapes(self, traced: list[Any]) -> None:
        first = evaluate("jax.numpy.dot", (f32(2, 3), f32(3)), {})
        assert len(traced) == 1
        second = evaluate("jax.numpy.dot", (f32(2, 3, a=4), f32(3, b=5)), {}, NamedShape({"a": 4, "b": 5}))
        assert len(traced) == 1
        assert str(first.value) == "f32[(2,)]"
        assert str(second.value) == "f32[(2,), {'a': 4, 'b': 5}]"

    def test_problems_and_unknown_results_are_remembered_too(self, traced: list[Any]) -> None:
        for _ in range(3):
            assert evaluate("jax.numpy.dot", (f32(2), f32(3)), {}).problem is not None
            assert evaluate("jax.numpy.unique", (f32(3),), {}) == SILENT
        assert len(traced) == 2

    def test_plain_values_of_different_types_are_different_calls(self, traced: list[Any]) -> None:
        results = [evaluate("operator.mul", (f32(2), number), {}).value for number in (1, 1.0, True, 1j)]
        assert len(traced) == 4
        assert [str(result.type.element_type) for result in results] == ["f32", "f32", "f32", "c64"]
        assert (
            evaluate("jax.numpy.sum", (f32(2, 2),), {"axis": 0}).value
            != evaluate("jax.numpy.sum", (f32(2, 2),), {"axis": None}).value
        )

    @pytest.mark.parametrize("path", sorted(library.ELEMENTWISE))
    @pytest.mark.parametrize("dtype", ["bool_", "i8", "u32", "f16", "c64"])
    def test_numbers_of_one_type_are_one_call_of_an_elementwise_function(
        self, traced: list[Any], path: str, dtype: str
    ) -> None:
        """Whichever of them is traced, it is what each of them would give."""
        array = AbstractArray(ArrayType(ELEMENT_TYPES[dtype], Shape((3,))))
        for numbers in NUMBERS:
            calls = [(array, number, array) if path == "jax.numpy.where" else (array, number) for number in numbers]
            alone = []
            for call in calls:
                oracle._MEMO = type(oracle._MEMO)("call")
                alone.append(gist(evaluate(path, call, {})))
            traces = len(traced)
            assert [gist(evaluate(path, call, {})) for call in calls] == alone == alone[:1] * len(numbers)
            assert len(traced) == traces

    def test_numbers_that_jax_rejects_are_calls_of_their_own(self, traced: list[Any]) -> None:
        small, large = (evaluate("operator.add", (f32(3), number), {}) for number in (1, 2**31))
        assert text(small) == "f32[(3,)]"
        assert large == SILENT

    def test_exponents_and_indices_are_calls_of_their_own(self, traced: list[Any]) -> None:
        for number in (0, 1):
            evaluate("operator.pow", (f32(3), number), {})
            evaluate("operator.getitem", (f32(3), number), {})
        assert len(traced) == 4

    def test_sizes_of_axes_count_only_for_calls_that_mention_them(self, traced: list[Any]) -> None:
        for size in (4, 5):
            evaluate("jax.numpy.sin", (f32(2, a=size),), {}, NamedShape({"a": size}))
        assert len(traced) == 1
        sizes = [evaluate("jax.lax.psum", (1, "a"), {}, NamedShape({"a": size})).value for size in (4, 5)]
        assert sizes == [4, 5]


def test_dtypes_are_told_as_jax_takes_them() -> None:
    assert text(evaluate("jax.numpy.zeros", ((3, 4),), {"dtype": "bfloat16"})) == "bf16[(3, 4)]"
    assert text(evaluate("jax.numpy.zeros", ((3, 4), np.dtype("int64")), {})) == "i32[(3, 4)]"
    assert text(evaluate("jax.random.key", (0,), {})) == "key[()]"
