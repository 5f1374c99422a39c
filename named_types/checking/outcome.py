"""What comes of one file: the file checked, or the failure to do so; as objects, and as JSON between processes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeAlias

from named_types.checking.checked_file import CheckedFile
from named_types.diagnostics import from_record, to_record
from named_types.surroundings import Kind


@dataclass(frozen=True, slots=True)
class Footprint:
    """What was read, and what was looked for on behalf of which file, since the last file was checked."""

    digests: dict[str, str | None] = field(default_factory=dict)
    looked_for: dict[str, dict[str, Kind]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Checked:
    """A file that was checked."""

    file: CheckedFile
    footprint: Footprint

    @property
    def path(self) -> str:
        return self.file.path


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that the checker could not cope with."""

    path: str
    reason: str
    traceback: str | None = None


Outcome: TypeAlias = Checked | Failure


def to_message(outcome: Outcome) -> dict[str, Any]:
    """What `from_message` reads."""
    if isinstance(outcome, Failure):
        return {"path": outcome.path, "reason": outcome.reason, "traceback": outcome.traceback}
    return {
        "path": outcome.path,
        "diagnostics": [to_record(one) for one in outcome.file.diagnostics],
        "accessible": outcome.file.accessible,
        "digests": outcome.footprint.digests,
        "looked_for": outcome.footprint.looked_for,
    }


def from_message(message: dict[str, Any]) -> Outcome:
    """The outcome, with the words of its diagnostics."""
    if "reason" in message:
        return Failure(**message)
    diagnostics = tuple(from_record(one) for one in message["diagnostics"])
    footprint = Footprint(message["digests"], message["looked_for"])
    return Checked(CheckedFile(message["path"], diagnostics, message["accessible"]), footprint)
