"""A pytest plugin for mypy's own test suite: it writes down what mypy says in each case.

`MYPY_PLUGINS` names the plugins that mypy has in all of them, and `RECORD` the file to write.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mypy.options import Options
from mypy.test import testcheck, testfinegrained

SUITES: list[Any] = [testcheck, testfinegrained]

said: dict[str, list[list[str]]] = {}


def pytest_configure() -> None:
    for suite in SUITES:
        suite.parse_options = _with_plugins(suite.parse_options)
        suite.assert_string_arrays_equal = _recorded(suite.assert_string_arrays_equal)


def pytest_sessionfinish() -> None:
    Path(os.environ["RECORD"]).write_text(json.dumps(said))


def _with_plugins(parse_options: Callable[..., Options]) -> Callable[..., Options]:
    """Plugins are loaded from a configuration file only: without any, an empty one will do."""

    def parse(*args: Any, **kwargs: Any) -> Options:
        options = parse_options(*args, **kwargs)
        options.plugins += os.environ["MYPY_PLUGINS"].split()
        options.config_file = options.config_file or os.devnull
        return options

    return parse


def _recorded(compare: Callable[..., None]) -> Callable[..., None]:
    def record(expected: list[str], actual: list[str], *args: Any, **kwargs: Any) -> None:
        case = os.environ["PYTEST_CURRENT_TEST"].partition(" ")[0]
        said.setdefault(case, []).append(actual)
        compare(expected, actual, *args, **kwargs)

    return record
