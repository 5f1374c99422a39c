"""The second judge: mypy with the plugin, once for the whole corpus."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from literate.programs import REVEALED, Finding, Program

import named_types
from named_types.diagnostics.suppression import MYPY_CODES
from named_types.problems import SyntaxProblem

_CONFIGURATION = "[mypy]\nplugins = named_types.mypy_plugin\npython_version = 3.11\n"
_OURS = {name: code for code, name in MYPY_CODES.items()}
"""Problems that mypy finds itself, under its own codes."""


def is_judged(program: Program) -> bool:
    """mypy gives up at a file that it cannot parse: there is nothing for the plugin to say."""
    return program.is_for("mypy") and not any(finding.code == SyntaxProblem.code for finding in program.expected)


def judge(programs: Iterable[Program], directory: Path) -> dict[Program, dict[Finding, str]]:
    """What mypy finds in each program, each with its message."""
    found: dict[str, dict[Finding, str]] = {f"{program.module}.py": {} for program in programs}
    (directory / "mypy.ini").write_text(_CONFIGURATION)
    for program in programs:
        (directory / f"{program.module}.py").write_text(program.source)
    for path, finding, message in _run(sorted(found), directory):
        found[path][finding] = message
    return {program: found[f"{program.module}.py"] for program in programs}


def _run(files: list[str], directory: Path) -> Iterable[tuple[str, Finding, str]]:
    package_root = str(Path(named_types.__file__).parent.parent)
    installed = package_root in {str(Path(path)) for path in sys.path if path.endswith("site-packages")}
    environment = os.environ if installed else {**os.environ, "MYPYPATH": package_root}
    command = [sys.executable, "-m", "mypy", "--output", "json", "--cache-dir", ".mypy_cache", *files]
    run = subprocess.run(command, cwd=directory, env=environment, capture_output=True, text=True)
    assert run.returncode in (0, 1), run.stdout + run.stderr
    for line in run.stdout.splitlines():
        entry = json.loads(line)
        revealed = re.match(r'Revealed type is "(.*)"$', entry["message"])
        if revealed is not None:
            yield entry["file"], Finding(entry["line"], REVEALED, revealed[1]), entry["message"]
        elif entry["severity"] == "error":
            code = _OURS.get(entry["code"], entry["code"])
            yield entry["file"], Finding(entry["line"], code), entry["message"]
