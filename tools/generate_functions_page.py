"""Write the table of `docs/functions.md`: what each function of the faces does with axis names.

python tools/generate_functions_page.py
"""

from __future__ import annotations

import os
import re
from itertools import groupby
from pathlib import Path

os.environ.setdefault("JAX_PLATFORMS", "cpu")

from named_types.runtime.named_catalogue import Entry, catalogue

PAGE = Path(__file__).parent.parent / "docs" / "functions.md"
_TABLES = re.compile(r"(?<=<!-- tables -->\n).*\Z", re.DOTALL)


def with_tables(text: str) -> str:
    """The page with a table for each face."""
    return _TABLES.sub(lambda _: "".join(_tables()), text)


def _tables() -> list[str]:
    return [_table(face, list(entries)) for face, entries in groupby(catalogue(), lambda entry: entry.face)]


def _table(face: str, entries: list[Entry]) -> str:
    rows = "".join(map(_row, entries))
    return f"\n## {face}\n\n| function | named axes in | a name | how |\n|---|---|---|---|\n{rows}"


def _row(entry: Entry) -> str:
    behaviour = entry.behaviour
    how = "" if behaviour.does.value == "cannot" else behaviour.way.value
    told = "; ".join(part for part in (how, behaviour.remark) if part)
    parameters = ", ".join(f"`{parameter}`" for parameter in behaviour.parameters)
    return f"| `{entry.name}` | {parameters} | {behaviour.does.value} | {told} |\n"


if __name__ == "__main__":
    PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
