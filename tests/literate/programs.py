"""The literate corpus: pages of prose with programs that say themselves what is wrong with them.

A program is a fenced block of Python. A comment tells what is expected at its line::

    z: f32[(2, 6)] = x.dot(y)  # error: [incompatible-assignment] "f32[(2, 5)]"
    reveal_type(x.dot(y))  # revealed: f32[(2, 5)]

The quoted text, which may be left out, is part of the message; several expectations of one line are separated
by ``;``. The info string names the judges that a program is not for, each with the reason, and what is expected
where a comment would be in the way::

    ```python no-run="it needs sixteen devices"
    ```python expect="10: resource-conflict"

The corpus is the pages of this folder, the pages of the problem codes, the tutorial and the README.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from named_types.problems import CATALOGUE

HERE = Path(__file__).parent
ROOT = HERE.parent.parent

_HEADING_OR_PROGRAM = re.compile(
    r"^#+ (?P<heading>.+)$|^(?P<indent> *)```python(?P<info>.*)\n(?P<source>(?:.*\n)*?)(?P=indent)```$", re.MULTILINE
)
_EXPECT = re.compile(r'expect="(\d+): ([a-z-]+)"')
_SKIP = re.compile(r'no-(\w+)="([^"]+)"')
_EXPECTATION = re.compile(r"#\s*(error|warning|revealed):\s*(.*?)\s*(?=#\s*(?:error|warning|revealed):|$)")
_ERROR = re.compile(r'\[([a-z-]+)\](?:\s*"([^"]*)")?')


@dataclass(frozen=True, order=True)
class Finding:
    """What a judge says, or is expected to say, about a line: a code, or a type that is revealed."""

    line: int
    code: str
    type: str = ""

    def __str__(self) -> str:
        return f"{self.line}: {self.code}{f' {self.type}' if self.type else ''}"


REVEALED = "revealed-type"


@dataclass(frozen=True)
class Program:
    """One program of a page."""

    page: str
    heading: str
    number: int
    source: str
    info: str = ""
    """What its info string says beyond the language."""

    @property
    def name(self) -> str:
        suffix = f" ({self.number})" if self.number > 1 else ""
        return f"{self.page}: {self.heading}{suffix}"

    @property
    def module(self) -> str:
        """The name as an identifier."""
        return re.sub(r"\W+", "_", self.name).strip("_").lower()

    @cached_property
    def expected(self) -> frozenset[Finding]:
        in_info = {Finding(int(line), code) for line, code in _EXPECT.findall(self.info)}
        return frozenset(in_info | {finding for finding, _ in self._expectations})

    @cached_property
    def expected_texts(self) -> dict[Finding, str]:
        """What the message of a finding must contain."""
        return {finding: text for finding, text in self._expectations if text}

    @cached_property
    def _expectations(self) -> tuple[tuple[Finding, str], ...]:
        lines = enumerate(self.source.splitlines(), start=1)
        return tuple(expectation for number, line in lines for expectation in _expectations(number, line))

    def is_for(self, judge: str) -> bool:
        return judge not in dict(_SKIP.findall(self.info))


def _expectations(number: int, line: str) -> Iterator[tuple[Finding, str]]:
    for kind, text in _EXPECTATION.findall(line):
        if kind == "revealed":
            yield from ((Finding(number, REVEALED, one.strip()), "") for one in text.split(";"))
        else:
            yield from ((Finding(number, code), contained) for code, contained in _ERROR.findall(text))


def programs_of(page: str, text: str) -> list[Program]:
    """The programs of a page in Markdown, named after the headings they stand under."""
    found: list[Program] = []
    heading = ""
    for match in _HEADING_OR_PROGRAM.finditer(_outside_other_blocks(text)):
        if match["heading"]:
            heading = match["heading"].strip().strip("`?")
            continue
        number = 1 + sum(program.heading == heading for program in found)
        source = re.sub(f"^{match['indent']}", "", match["source"], flags=re.MULTILINE)
        found.append(Program(page, heading, number, source, match["info"]))
    return found


def _outside_other_blocks(text: str) -> str:
    """Without the comments of programs, which look like headings, and without blocks of other languages."""
    block = re.compile(r"^ *```(?P<info>.*)\n(?:.*\n)*?^ *```$", re.MULTILINE)
    return block.sub(lambda match: match[0] if match["info"].startswith("python") else "", text)


def corpus() -> list[Program]:
    """Every program, in the order of the pages."""
    pages = {path.stem: path.read_text(encoding="utf-8") for path in sorted(HERE.glob("*.md"))}
    pages |= {f"code {code}": problem.page() for code, problem in CATALOGUE.items()}
    pages |= {name: (ROOT / name).read_text(encoding="utf-8") for name in ("docs/tutorial.md", "README.md")}
    return [program for page, text in pages.items() for program in programs_of(page, text)]
