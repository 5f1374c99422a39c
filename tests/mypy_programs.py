"""Programs that mypy checks with the plugin, with what it must say beside them.

    x: f32[(2, 3)]
    y: f32[(2, 4)] = x  # E: Incompatible types in assignment (...)  [assignment]
    reveal_type(x)      # R: f32[(2, 3)]

``# E:`` is an error, ``# N:`` a note, ``# R:`` the type that is revealed; ``||`` stands between two of them. What
mypy says and no comment expects fails the test.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from textwrap import dedent
from typing import TypeAlias

from mypy import api

Check = Callable[[str], None]
_Messages: TypeAlias = dict[int, list[str]]

STRICT = """
        # mypy: disallow-any-generics, disallow-any-unimported, disallow-incomplete-defs, disallow-subclassing-any
        # mypy: disallow-untyped-calls, disallow-untyped-decorators, disallow-untyped-defs, extra-checks
        # mypy: no-implicit-reexport, strict-equality, warn-return-any, warn-unused-ignores"""
"""``--strict`` for one module: an option of the command would have mypy check jax again."""

_MESSAGE = re.compile(r"(?P<file>\w+\.py):(?P<line>\d+): (?P<severity>error|note): (?P<text>.*)")


class Mypy:
    """Runs mypy with the plugin in a directory of its own."""

    def __init__(self, directory: Path, cache: Path) -> None:
        self.directory = directory
        self.cache = cache
        (directory / "mypy.ini").write_text("[mypy]\nplugins = named_types.mypy_plugin\n")

    def write(self, name: str, program: str) -> str:
        (self.directory / name).write_text(dedent(program).lstrip("\n"))
        return name

    def run(self, *arguments: str) -> list[str]:
        """The lines that mypy prints about the files."""
        options = ["--config-file=mypy.ini", f"--cache-dir={self.cache}", "--no-error-summary"]
        options.append("--python-version=3.12")  # the oldest with type parameters
        output, complaints, _ = api.run([*options, *arguments])
        assert not complaints
        return output.splitlines()

    def check(self, program: str) -> None:
        """Hold what mypy says about a program against the comments in it."""
        ((expected, said),) = self._judged({"program": dedent(program)})
        assert said == expected

    def differences(self, programs: Mapping[str, str]) -> dict[str, dict[int, str]]:
        """By module and line, what mypy said where it was expected to say something else; one run for all of them."""
        differing: dict[str, dict[int, str]] = {}
        for name, (expected, said) in zip(programs, self._judged(programs), strict=True):
            lines = [line for line in expected.keys() | said.keys() if expected.get(line) != said.get(line)]
            if lines:
                differing[name] = {line: " || ".join(said.get(line, [])) for line in sorted(lines)}
        return differing

    def _judged(self, programs: Mapping[str, str]) -> list[tuple[_Messages, _Messages]]:
        """What the comments in each program expect, and what mypy says, by line."""
        names = [self.write(f"{module}.py", program) for module, program in programs.items()]
        said: dict[str, _Messages] = {name: {} for name in names}
        for line in self.run(*names):
            message = _MESSAGE.fullmatch(line)
            assert message is not None, line
            messages = said[message["file"]].setdefault(int(message["line"]), [])
            messages.append(_short(message["severity"], message["text"]))
        return [(_expected((self.directory / name).read_text()), said[name]) for name in names]


def _expected(program: str) -> _Messages:
    return {
        number: comment.split(" || ")
        for number, line in enumerate(program.splitlines(), 1)
        if (comment := line.partition("  # ")[2]).startswith(("E: ", "N: ", "R: "))
    }


def _short(severity: str, text: str) -> str:
    revealed = re.fullmatch(r'Revealed type is "(.*)"', text)
    return f"R: {revealed[1]}" if revealed is not None else f"{severity[0].upper()}: {text}"
