"""How pages are read, and that a judge which says otherwise is noticed."""

from __future__ import annotations

import jax
from literate import analyzer_judge, runtime_judge
from literate.programs import REVEALED, Finding, Program, programs_of

PAGE = """
# Title

## First

```python
x = 1  # error: [syntax-error] "no"; [invalid-operation]
reveal_type(x)  # revealed: f32[(2,)]; i32[()]
```

```text
# not a heading
```

```python no-run="it takes an hour" expect="2: removed-api"
# not a heading either
y = 2
```

## Second

```python
z = 3
```
"""


def program(source: str) -> Program:
    return Program("page", "heading", 1, source)


def test_programs_are_named_after_their_headings() -> None:
    assert [one.name for one in programs_of("page", PAGE)] == ["page: First", "page: First (2)", "page: Second"]


def test_expectations_stand_in_comments() -> None:
    first = programs_of("page", PAGE)[0]
    errors = {Finding(1, "syntax-error"), Finding(1, "invalid-operation")}
    assert first.expected == errors | {Finding(2, REVEALED, "f32[(2,)]"), Finding(2, REVEALED, "i32[()]")}
    assert first.expected_texts == {Finding(1, "syntax-error"): "no"}


def test_an_info_string_leaves_judges_out_and_may_hold_expectations() -> None:
    second = programs_of("page", PAGE)[1]
    assert (second.is_for("run"), second.is_for("mypy")) == (False, True)
    assert second.expected == {Finding(2, "removed-api")}


def test_judges_say_what_is_wrong_whatever_is_expected() -> None:
    wrong = program("import jax.numpy as jnp\n\njnp.ones(3) + jnp.ones(4)\n")
    for judge in (analyzer_judge.judge, runtime_judge.judge):
        assert set(judge(wrong)) == {Finding(3, "invalid-operation")}


def test_judges_tell_types_as_they_are_whatever_is_expected() -> None:
    right = program("import jax.numpy as jnp\n\nreveal_type(jnp.ones(3))  # revealed: f32[(4,)]\n")
    for judge in (analyzer_judge.judge, runtime_judge.judge):
        assert set(judge(right)) == {Finding(3, REVEALED, "f32[(3,)]")}


def test_the_runtime_goes_on_after_an_error() -> None:
    source = "x = 1 + '1'\nassert x\nf = lambda: 1 / 0\nf()\n"
    assert runtime_judge.judge(program(source)).keys() == {
        Finding(1, "invalid-operation"),
        Finding(2, "NameError"),
        Finding(3, "ZeroDivisionError"),
    }


def test_the_runtime_calls_what_its_annotations_describe() -> None:
    source = (
        "from named_types import f32\n\n\n"
        "def add(x: f32[(2,), {'a': 2}], y: f32[(3,), {'b': 3}]) -> f32[(3,), {'a': 2, 'b': 3}]:\n"
        "    return x + y\n"
    )
    assert runtime_judge.judge(program(source)).keys() == {Finding(5, "invalid-operation")}


def test_what_python_does_not_check_is_not_expected_of_it() -> None:
    source = "x: 'f32[(2, -1)]' = 1  # error: [invalid-annotation]\ny: int = ''  # error: [incompatible-assignment]\n"
    assert runtime_judge.expected(program(source)) == frozenset()
    assert runtime_judge.expected(program(source.replace("'f32[(2, -1)]'", "f32[(2, -1)]"))) == {
        Finding(1, "invalid-annotation")
    }


def test_settings_of_a_program_are_its_own() -> None:
    setting = 'import jax\njax.config.update("jax_threefry_partitionable", False)\n'
    runtime_judge.judge(program(setting))
    assert jax.config.values["jax_threefry_partitionable"]
