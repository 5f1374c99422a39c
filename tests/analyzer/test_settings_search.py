"""Which modules may change JAX's settings when they are imported, by their texts."""

from __future__ import annotations

from pathlib import Path

import pytest

from named_types.analyzer.settings_search import SettingsSearch
from named_types.module_finder import ModuleFinder

UPDATE = 'jax.config.update("jax_enable_x64", True)'


@pytest.mark.parametrize(
    "text",
    [
        UPDATE,
        f"import jax\nif True:\n    {UPDATE}",
        f"def setup():\n    {UPDATE}\nsetup()",
        "import os\nos.environ['XLA_FLAGS'] = '--xla_force_host_platform_device_count=8'",
        f"{UPDATE} = = broken",
    ],
)
def test_what_runs_at_the_import_may_set(tmp_path: Path, text: str) -> None:
    assert may_set(tmp_path, text)


@pytest.mark.parametrize(
    "text",
    [
        "import jax",
        f'"""Call\n\n{UPDATE}\n\nfirst."""',
        f"# {UPDATE}\nx = 1  # {UPDATE}",
        f"def setup():\n    {UPDATE}",
        f'def setup():\n    """Does\n{UPDATE}\nin code."""\nsetup()',
    ],
)
def test_what_is_only_said_or_defined_sets_nothing(tmp_path: Path, text: str) -> None:
    assert not may_set(tmp_path, text)


def test_what_is_imported_may_set(tmp_path: Path) -> None:
    (tmp_path / "setup.py").write_text(UPDATE)
    assert may_set(tmp_path, "import setup")


def may_set(directory: Path, text: str) -> bool:
    file = directory / "module.py"
    file.write_text(text)
    finder = ModuleFinder([directory])
    return SettingsSearch(finder, lambda path: path.read_text() if path.exists() else None).may_set(file)
