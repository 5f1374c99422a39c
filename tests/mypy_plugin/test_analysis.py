"""What the analyzer finds is reported through mypy, by mypy's rules."""

# ruff: noqa: E501
from __future__ import annotations

import pytest
from mypy_programs import Check, Mypy

from named_types import analyzer
from named_types.analyzer import Analysis
from named_types.diagnostics import Diagnostic, Place, Related
from named_types.problems import UnboundAxisName


def test_bodies_that_mypy_skips_are_checked(check: Check) -> None:
    check(
        """
        import jax.numpy as jnp
        from named_types import f32

        def f(x):
            y: f32[(2, 3)] = jnp.zeros((2, 4))  # N: By default the bodies of untyped functions are not checked, consider using --check-untyped-defs  [annotation-unchecked] || E: Incompatible types in assignment (expression has type "f32[(2, 4)]", variable has type "f32[(2, 3)]")  [assignment]
            return jnp.dot(jnp.zeros((2, 3)), jnp.zeros((2, 3)))  # E: cannot compute jax.numpy.dot(f32[(2, 3)], f32[(2, 3)]): the axes that are summed over have sizes 3 and 2  [invalid-operation] || N: JAX says: dot_general requires contracting dimensions to have the same shape, got (3,) and (2,). || N: help: the second operand would fit transposed
        """
    )


def test_comments_and_options_silence_codes(mypy: Mypy) -> None:
    program = """
        import jax.numpy as jnp

        jnp.dot(jnp.zeros(2), jnp.zeros(3))  # type: ignore[invalid-operation]
        jnp.dot(jnp.zeros(2), jnp.zeros(3))  # type: ignore[named-axis]
        jnp.dot(jnp.zeros(2), jnp.zeros(3))  # named-types: ignore[invalid-operation]
        jnp.dot(jnp.zeros(2), jnp.zeros(3))  # type: ignore[unbound-axis-name]
        """
    name = mypy.write("program.py", program)
    lines = mypy.run(name)
    assert [line.rpartition("  ")[2] for line in lines if "error" in line] == ["[invalid-operation]"]
    assert lines[0].startswith("program.py:6: error: cannot compute jax.numpy.dot(")
    for disabled in ("named-axis", "invalid-operation"):
        assert mypy.run(mypy.write("program.py", f"        # mypy: disable-error-code={disabled}" + program)) == []
    pedantic = "        # mypy: warn-unused-ignores, disable-error-code=invalid-operation"
    unused = mypy.run(mypy.write("program.py", pedantic + program))
    assert [line.split(" ", 1)[0] for line in unused] == ["program.py:4:", "program.py:5:", "program.py:7:"]


def test_what_takes_part_becomes_notes(mypy: Mypy, monkeypatch: pytest.MonkeyPatch) -> None:
    problem = UnboundAxisName("a", ("b",))

    def analyze(path: str, source: str, program: object) -> Analysis:
        here, elsewhere = Place(path, 3, 5, 3, 6), Place("model.py", 7, 1, 7, 2)
        related = (Related(Place(path, 1, 1, 1, 2), "'a' enters here"), Related(elsewhere, "mapped here"))
        return Analysis((Diagnostic(problem, here, related=related),))

    monkeypatch.setattr(analyzer, "analyze", analyze)
    name = mypy.write("program.py", "import jax\n\nx = y = 1\n")
    assert mypy.run(name) == [
        f"program.py:3: error: {problem.message}  [unbound-axis-name]",
        "program.py:3: note: line 1: 'a' enters here",
        "program.py:3: note: model.py:7: mapped here",
    ]


def test_an_analyzer_that_fails_leaves_mypy_as_it_is(
    mypy: Mypy, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def analyze(path: str, source: str, program: object) -> Analysis:
        raise RuntimeError("the analyzer fails")

    monkeypatch.setattr(analyzer, "analyze", analyze)
    name = mypy.write("program.py", "import jax.numpy as jnp\n\nx: int = jnp.zeros(2)\n")
    assert mypy.run(name) == [
        'program.py:3: error: Incompatible types in assignment (expression has type "f32[(2,)]", variable has type "int")'
        "  [assignment]"
    ]
    assert [record.getMessage() for record in caplog.records] == ["the analysis of program.py failed"]
    caplog.clear()
