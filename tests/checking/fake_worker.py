"""A worker whose checker does what the file says, so that it can be watched at everything that a checker may do."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from types import ModuleType

from named_types.checking import worker
from named_types.checking.checked_file import CheckedFile
from named_types.checking.outcome import Checked, Footprint, Outcome
from named_types.diagnostics import Diagnostic, Place


class Checker:
    def __init__(self, checked: Iterable[str], directories: Iterable[Path], on_progress: Callable[[], None]) -> None:
        self._on_progress = on_progress

    def check(self, path: str) -> Outcome:
        word, _, number = Path(path).read_text().partition(" ")
        actions: dict[str, Callable[[], object]] = {
            "hang": lambda: self._hang(path),
            "work": lambda: self._work(int(number)),
            "crash": lambda: signal.raise_signal(signal.SIGSEGV),
            "exit": lambda: os._exit(int(number)),
            "hoard": lambda: bytearray(64 << 30),
            "print": lambda: print("{}"),
            "": lambda: None,
        }
        actions[word]()
        said = Diagnostic.revealed(str(os.getpid()), Place.start_of(path))
        return Checked(CheckedFile(path, (said,)), Footprint())

    def _hang(self, path: str) -> None:
        """Tell who it is, and never come back."""
        said = Path(f"{path}.part")
        said.write_text(str(os.getpid()))
        said.rename(f"{path}.hangs")
        time.sleep(1000)

    def _work(self, tenths: int) -> None:
        for _ in range(tenths):
            time.sleep(0.1)
            self._on_progress()


def main() -> None:
    """Work with the checker above, or with none."""
    without = ModuleType("named_types.checking.in_process")
    name = "named_types.checking.in_process"
    sys.modules[name] = without if os.environ.get("WITHOUT_CHECKER") else sys.modules[__name__]
    worker.main()
