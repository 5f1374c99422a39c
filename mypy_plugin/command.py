"""``named-types mypy``: mypy as it is, with the plugin beside those that the program's own configuration lists.

mypy loads plugins that stand in a configuration file, and has no flag for one. It reads that file first, and then
the command line into the same options, through a namespace that is handed the options as the file left them: there
the plugin is added. So nothing is written, and what mypy prints is about the files that it was given.

What mypy keeps in its cache with the plugin is of no use to it without, and the other way round. Where mypy itself runs
without the plugin, each of the two has a cache of its own.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any

import mypy.main
from mypy.__main__ import console_entry
from mypy.split_namespace import SplitNamespace

PLUGIN = "named_types.mypy_plugin"


def run_mypy(arguments: Sequence[str]) -> None:
    """Run mypy with its own arguments; mypy leaves the process, or raises `SystemExit`, with its exit status."""
    setattr(mypy.main, SplitNamespace.__name__, _OptionsWithPlugin)
    sys.argv = ["mypy", *arguments]
    console_entry()


class _OptionsWithPlugin(SplitNamespace):
    """Where the command line is read into, after the configuration."""

    plugins: list[str]
    config_file: str | None
    cache_dir: str

    def __init__(self, standard_namespace: object, alt_namespace: object, alt_prefix: str) -> None:
        super().__init__(standard_namespace, alt_namespace, alt_prefix)
        if all(listed.partition(":")[0] != PLUGIN for listed in self.plugins):
            self.plugins = [*self.plugins, PLUGIN]
            if self.cache_dir != os.devnull:
                self.cache_dir = os.path.join(self.cache_dir, "named_types")
        self.config_file = self.config_file

    def __setattr__(self, name: str, value: Any) -> None:
        """Without a configuration file, for which ``--config-file=`` asks too, mypy would load no plugins."""
        super().__setattr__(name, (value or os.devnull) if name == "config_file" else value)
