"""The programs that are mutated: those of the literate corpus in which nothing is wrong, and which run."""

from __future__ import annotations

from literate.programs import REVEALED, corpus
from mutations.workers import Program


def programs() -> list[Program]:
    """Each with its name."""
    return [
        (one.name, one.source)
        for one in corpus()
        if one.is_for("run") and all(found.code == REVEALED for found in one.expected)
    ]
