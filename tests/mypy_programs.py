"""Programs that mypy checks with the plugin, with what it must say beside them.

    x: f32[(2, 3)]
    y: f32[(2, 4)] = x  # E: Incompatible types in assignment (...)  [assignment]
    reveal_type(x)      # R: f32[(2, 3)]

``# E:`` is an error, ``# N:`` a note, ``# R:`` the type that is revealed; ``||`` stands between two of them. What
mypy says and no comment expects fails the test.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

from mypy import api

Check = Callable[[str], None]

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
        output, complaints, _ = api.run([*options, *arguments])
        assert not complaints
        return output.splitlines()

    def check(self, program: str) -> None:
        """Hold what mypy says about a program against the comments in it."""
        name = self.write("program.py", program)
        said: dict[int, list[str]] = {}
        for line in self.run(name):
            message = _MESSAGE.fullmatch(line)
            assert message is not None, line
            said.setdefault(int(message["line"]), []).append(_short(message["severity"], message["text"]))
        expected = {
            number: comment.split(" || ")
            for number, line in enumerate((self.directory / name).read_text().splitlines(), 1)
            if (comment := line.partition("  # ")[2]).startswith(("E: ", "N: ", "R: "))
        }
        assert said == expected


def _short(severity: str, text: str) -> str:
    revealed = re.fullmatch(r'Revealed type is "(.*)"', text)
    return f"R: {revealed[1]}" if revealed is not None else f"{severity[0].upper()}: {text}"
