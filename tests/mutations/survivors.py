"""The survivors: mutants that fail and that the checker reports nothing of, each listed under the reason why."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from mutations.verdicts import Verdict

LIST = Path(__file__).parent / "survivors.toml"


@dataclass(frozen=True)
class Reason:
    """Why the checker says nothing."""

    name: str
    why: str
    survivors: tuple[str, ...]


def listed() -> list[Reason]:
    reasons = tomllib.loads(LIST.read_text(encoding="utf-8")).get("reason", [])
    return [Reason(one["name"], one["why"], tuple(one["survivors"])) for one in reasons]


def differences(verdicts: Iterable[Verdict]) -> list[str]:
    """Survivors of the programs judged that are not listed, and listed ones that do not survive."""
    judged = list(verdicts)
    programs = {one.program for one in judged}
    known = {name for reason in listed() for name in reason.survivors if name.partition(" | ")[0] in programs}
    found = {one.name for one in judged if one.is_survivor}
    return [
        *(f"not listed: {name}" for name in sorted(found - known)),
        *(f"does not survive: {name}" for name in sorted(known - found)),
    ]
