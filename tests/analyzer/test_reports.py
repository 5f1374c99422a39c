"""What is reported, and what the checker keeps to itself."""

from __future__ import annotations

import pytest
from analyzer.expectations import IMPORTS, check

from named_types import f32
from named_types.analyzer import analyze, check_source
from named_types.analyzer.values import UNKNOWN, AbstractArray

WRONG = "jnp.ones((2, 3)) @ jnp.ones((2, 3))"


def test_reveal_type_is_a_builtin_and_can_be_imported() -> None:
    check(
        """
        from typing import reveal_type as show
        import typing
        x = jnp.ones(2)
        show(x)  # revealed: f32[(2,)]
        typing.reveal_type(x)  # revealed: f32[(2,)]
        y = reveal_type(x)[None]  # revealed: f32[(2,)]
        reveal_type(y)  # revealed: f32[(1, 2)]
        reveal_type(None)  # revealed: None
        reveal_type(())  # revealed: tuple[()]
        reveal_type({"a": x, 0: "b"})  # revealed: {'a': f32[(2,)], 0: str}
        reveal_type(jnp.sum)  # revealed: callable
        """
    )


def test_answers_that_differ_are_unknown() -> None:
    check(
        """
        def f(x):
            reveal_type(x)  # revealed: unknown
        f(jnp.ones(2))
        f(jnp.ones(3))
        """
    )


@pytest.mark.parametrize(
    "block",
    [
        "try:\n    {}\nexcept Exception:\n    pass",
        "try:\n    {}\nexcept TypeError as error:\n    print(error)",
        "import pytest\nwith pytest.raises(TypeError):\n    {}",
        "from pytest import raises\nwith raises(TypeError, match='dot'):\n    {}",
        "import unittest\nwith self.assertRaises(TypeError):\n    {}",
        "import unittest\nwith self.assertRaisesRegex(TypeError, 'dot'):\n    {}",
        "import contextlib\nwith contextlib.suppress(Exception):\n    {}",
        "from contextlib import suppress\nwith suppress(TypeError):\n    {}",
    ],
)
def test_errors_that_the_program_expects(block: str) -> None:
    check(block.format(WRONG))


def test_errors_that_it_only_cleans_up_after() -> None:
    check(f"try:\n    {WRONG}  # error: [invalid-operation]\nfinally:\n    pass")


def test_errors_in_a_handler() -> None:
    check(f"try:\n    pass\nexcept ValueError:\n    {WRONG}  # error: [invalid-operation]")


@pytest.mark.parametrize(
    "condition",
    [
        "isinstance(somewhere.x, int)",
        "somewhere.x.ndim == 2",
        "somewhere.x.shape[0] > 1",
        "len(somewhere.x) > 1",
        "somewhere.x is None",
        "jax.tree.structure(somewhere.x) == jax.tree.structure(1)",
    ],
)
def test_a_branch_that_asks_for_a_type_is_not_certain(condition: str) -> None:
    check(f"import somewhere\nif {condition}:\n    {WRONG}\nelse:\n    {WRONG}")


def test_a_branch_that_asks_for_a_value_is() -> None:
    check(f"import somewhere\nif somewhere.flag:\n    {WRONG}  # error: [invalid-operation]")


@pytest.mark.parametrize("use", ["jnp.asarray(scale)", "x * scale"])
def test_a_default_of_none_goes_with_the_branch_that_does_not_use_it(use: str) -> None:
    check(
        f"""
        import somewhere
        def scaled(x, scale=None):
            if somewhere.flag:
                return stretched(x, scale)
            return x

        def stretched(x, scale):
            return {use}

        scaled(jnp.ones(2))
        stretched(jnp.ones(2), None)  # called from here, it is certain to fail
        """.replace(f"{use}\n", f"{use}  # error: [invalid-operation]\n")
    )
    check(
        f"""
        import somewhere
        def scaled(x, scale=None):
            if somewhere.flag:
                return {use}
            return x

        scaled(jnp.ones(2))
        """
    )


def test_the_analysis_tells_the_type_at_a_place() -> None:
    analysis = analyze("a.py", "import jax.numpy as jnp\nx = jnp.ones((2, 3))\ny = x.T if a else unknown\n")
    assert analysis.diagnostics == ()
    assert analysis.type_at(2, 5, 2, 21) == AbstractArray(f32[(2, 3)])
    assert analysis.type_at(2, 15, 2, 19) == (2, 3)
    assert analysis.type_at(3, 5, 3, 8) == AbstractArray(f32[(3, 2)])
    assert analysis.type_at(3, 9, 3, 11) is UNKNOWN
    assert analysis.visited(3, 19, 3, 26)
    assert not analysis.visited(3, 9, 3, 11)


def test_diagnostics_come_in_the_order_of_their_places() -> None:
    source = IMPORTS + f"def f(x: f32[(2,)]) -> f32[(3,)]:\n    return x\n{WRONG}\n{WRONG}\n"
    places = [diagnostic.place for diagnostic in check_source("a.py", source)]
    assert len(places) == 3
    assert places == sorted(places)


@pytest.mark.parametrize("source", ["", "\n", "# nothing", "x = 1;\n", "\ufeffx = 1", "if True:\n\tpass"])
def test_nothing_to_say(source: str) -> None:
    assert check_source("a.py", source) == ()


@pytest.mark.parametrize(("source", "line"), [("def", 1), ("x = 1\ny = (\n", 2), ("  x", 1)])
def test_a_syntax_error_has_its_place(source: str, line: int) -> None:
    (diagnostic,) = check_source("a.py", source)
    assert (diagnostic.code, diagnostic.place.line) == ("syntax-error", line)
    assert diagnostic.place.column >= 1


@pytest.mark.filterwarnings("error")
def test_what_python_warns_of_is_not_ours_to_tell() -> None:
    (diagnostic,) = check_source("a.py", "x = 1if 2else 3 (\n")
    assert diagnostic.code == "syntax-error"
