"""mypy with the plugin, and a watch over its hooks."""

from __future__ import annotations

import gc
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

import named_types

pytest.register_assert_rewrite("mypy_programs")

from mypy_programs import Check, Mypy  # noqa: E402

PACKAGE_ROOT = Path(named_types.__file__).parent.parent


@pytest.fixture
def mypy(tmp_path: Path, pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch, worker: str) -> Iterator[Mypy]:
    """mypy in an empty directory; what it learns of jax is kept from one test run to the next.

    mypy is made to run once in a process: it tells Python to leave its garbage alone, some 60 MB for each run.
    """
    assert pytestconfig.cache is not None
    monkeypatch.chdir(tmp_path)
    if "site-packages" not in PACKAGE_ROOT.parts:
        monkeypatch.setenv("MYPYPATH", str(PACKAGE_ROOT))
    threshold = gc.get_threshold()
    yield Mypy(tmp_path, pytestconfig.cache.mkdir(f"mypy_plugin_{worker}"))
    gc.set_threshold(*threshold)
    gc.collect()


@pytest.fixture
def check(mypy: Mypy) -> Check:
    return mypy.check


@pytest.fixture
def worker(request: pytest.FixtureRequest) -> str:
    """Where tests run side by side, each process has a cache of its own."""
    return str(getattr(request.config, "workerinput", {}).get("workerid", "main"))


@pytest.fixture(autouse=True)
def failures(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """No hook may fail: mypy would answer without it, and a test might not notice."""
    caplog.set_level(logging.DEBUG, logger="named_types.mypy_plugin")
    yield
    assert [record.exc_info for record in caplog.records if record.name == "named_types.mypy_plugin"] == []
