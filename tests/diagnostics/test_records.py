"""Diagnostics on their way between processes and to the disk: nothing that is shown of them is lost."""

from __future__ import annotations

import json
from dataclasses import fields

import pytest

from named_types.diagnostics import (
    Diagnostic,
    Fix,
    Place,
    Related,
    ReportedProblem,
    from_record,
    to_record,
)
from named_types.diagnostics.formats import FORMATS
from named_types.problems import InvalidOperation, RemovedApi

PLACE = Place("a.py", 1, 5, 1, 9)
REJECTED = InvalidOperation("jax.numpy.dot", ("f32[(2,)]", "f32[(3,)]"), "2 is not 3", "sizes differ", "mend it")

DIAGNOSTICS = [
    Diagnostic(REJECTED, PLACE, "f32[(2,)]", (Related(Place("b\udcff.py", 2, 1, 3, 4), "it is made here"),)),
    Diagnostic(RemovedApi("jax.old", "jax.new"), PLACE, fix=Fix(PLACE, "jax.new")),
    Diagnostic.revealed("f32[()]", PLACE),
]


def again(diagnostic: Diagnostic) -> Diagnostic:
    return from_record(json.loads(json.dumps(to_record(diagnostic))))


@pytest.mark.parametrize("diagnostic", DIAGNOSTICS)
def test_nothing_is_lost_but_the_facts(diagnostic: Diagnostic) -> None:
    read = again(diagnostic)
    for field in fields(Diagnostic):
        if field.name != "problem":
            assert getattr(read, field.name) == getattr(diagnostic, field.name)
    for field in fields(ReportedProblem):
        assert getattr(read, field.name) == getattr(diagnostic, field.name)


@pytest.mark.parametrize("format", sorted(FORMATS))
def test_every_format_shows_the_same(format: str) -> None:
    sources = {"a.py": "x = jax.old\n"}
    assert FORMATS[format]([again(one) for one in DIAGNOSTICS], sources) == FORMATS[format](DIAGNOSTICS, sources)


def test_a_record_is_read_as_it_was_written() -> None:
    assert [to_record(again(one)) for one in DIAGNOSTICS] == [to_record(one) for one in DIAGNOSTICS]
