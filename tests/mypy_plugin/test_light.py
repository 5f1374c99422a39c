"""A program without arrays pays for nothing; what answers depend on is told by the plugin's version."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from mypy_programs import Mypy

from named_types.mypy_plugin.imports import may_reach_arrays
from named_types.versions import version_of

LIST_PARTS = """
import sys
from mypy import api
print(api.run(sys.argv[1:])[0].rstrip())
print(sorted({one.split(".")[0] for one in sys.modules} & {"jax", "libcst", "numpy"}))
print(sorted(one for one in sys.modules if one.startswith("named_types.") and "mypy_plugin" not in one))
"""


def test_a_program_without_arrays_loads_no_part_of_the_analyzer_or_of_the_plugin(mypy: Mypy) -> None:
    program = mypy.write("program.py", "import os\nfrom collections import abc\n\nx: int = ''\n")
    arguments = ["--config-file=mypy.ini", "--cache-dir=cache", "--no-error-summary", program]
    for _ in ("from source", "from the cache"):
        run = subprocess.run(
            [sys.executable, "-c", LIST_PARTS, *arguments], capture_output=True, text=True, env=os.environ, check=True
        )
        said, libraries, parts = run.stdout.splitlines()
        assert said.startswith("program.py:4: error: Incompatible types in assignment")
        assert (libraries, parts) == ("[]", "['named_types.versions']")


def test_a_module_of_the_program_that_is_called_as_this_package_is_not_it(mypy: Mypy) -> None:
    (mypy.directory / "shop").mkdir()
    mypy.write("shop/__init__.py", "")
    mypy.write("shop/named_types.py", "ENUM = 1\n")
    program = mypy.write("shop/program.py", "from .named_types import ENUM\n\nx: str = ENUM\n")
    arguments = ["--config-file=mypy.ini", "--cache-dir=cache", "--no-error-summary", program]
    run = subprocess.run(
        [sys.executable, "-c", LIST_PARTS, *arguments], capture_output=True, text=True, env=os.environ, check=True
    )
    said, libraries, _ = run.stdout.splitlines()
    assert said.startswith("shop/program.py:3: error: Incompatible types in assignment")
    assert libraries == "[]"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import os, sys\nfrom collections import abc\nimport xml.dom as dom\n", False),
        ("text = '''\nimportant imports\n'''\n", False),
        ("import os  # and others, not these\n", False),
        ("import jax\n", True),
        ("# named_types\n", True),
        ("import os, layers\n", True),
        ("from layers import (\n    a,\n)\n", True),
        ("if x: import layers\n", True),
        ("x = 1; from layers import a\n", True),
        ("def f():\n    from . import layers\n", True),
        ("from \\\n    layers import a\n", True),
    ],
)
def test_what_a_file_may_reach(text: str, expected: bool, tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(text)
    assert may_reach_arrays(str(tmp_path / "program.py")) is expected


@pytest.mark.parametrize("name", ["program.pyi", "site-packages/program.py", "missing.py"])
def test_stubs_and_what_is_installed_are_not_read(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    if name != "missing.py":
        path.write_text("import jax\n")
    assert not may_reach_arrays(str(path))


class TestVersions:
    @pytest.fixture
    def sources(self, tmp_path: Path) -> Path:
        (tmp_path / "named_types" / "inner").mkdir(parents=True)
        (tmp_path / "named_types" / "a.py").write_text("x = 1\n")
        (tmp_path / "named_types" / "inner" / "b.py").write_text("x = 1\n")
        (tmp_path / "numpy-2.0.dist-info").mkdir()
        (tmp_path / "jax-0.10.dist-info").mkdir()
        return tmp_path

    def version(self, sources: Path) -> str:
        return version_of([str(sources / "named_types")], [str(sources), "nowhere"])

    def test_the_same_sources_have_the_same(self, sources: Path) -> None:
        assert self.version(sources) == self.version(sources)

    def test_every_source_counts(self, sources: Path) -> None:
        before = self.version(sources)
        (sources / "named_types" / "inner" / "b.py").write_text("x = 10\n")
        assert self.version(sources) != before

    @pytest.mark.parametrize("library", ["jax-0.10", "numpy-2.0"])
    def test_the_versions_of_the_libraries_count(self, library: str, sources: Path) -> None:
        before = self.version(sources)
        (sources / f"{library}.dist-info").rename(sources / f"{library}.1.dist-info")
        assert self.version(sources) != before

    def test_those_of_others_do_not(self, sources: Path) -> None:
        before = self.version(sources)
        (sources / "other-1.0.dist-info").mkdir()
        assert self.version(sources) == before

    def test_what_is_installed_is_known_by_its_list_of_files(self, sources: Path) -> None:
        record = sources / "named_types-1.0.dist-info" / "RECORD"
        record.parent.mkdir()
        record.write_text("named_types/a.py,sha256=1\n")
        before = self.version(sources)
        os.utime(sources / "named_types" / "a.py", (1, 1))
        assert self.version(sources) == before
        record.write_text("named_types/a.py,sha256=2\n")
        assert self.version(sources) != before


def test_another_version_of_the_plugin_has_another_cache(mypy: Mypy) -> None:
    """mypy reads no module from the cache of a plugin that says to be another one."""
    program = mypy.write("program.py", "x: int = 1\n")
    log = "from mypy import api; import sys; print(api.run(sys.argv[1:])[1])"
    other = "import named_types.mypy_plugin as plugin; plugin.__version__ = 'other'; "
    arguments = ["--config-file=mypy.ini", "--cache-dir=cache", "-v", program]

    def abandoned(code: str) -> bool:
        run = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, env=os.environ)
        return "plugins differ" in run.stdout + run.stderr

    abandoned(log)
    assert not abandoned(log)
    assert abandoned(other + log)


def test_another_version_of_the_plugin_forgets_modules_that_it_is_not_asked_about(mypy: Mypy) -> None:
    """mypy notes the version for all of its cache when a run begins, also for modules that are not in that run."""
    programs = [mypy.write(f"{name}.py", "import jax\nx: int = 1\n") for name in ("one", "two")]
    code = "from mypy import api; import sys; print(api.run(sys.argv[1:])[1])"
    other = (
        "import named_types.mypy_plugin as plugin, named_types.mypy_plugin.lazy as lazy; "
        "plugin.__version__ = lazy.__version__ = 'other'; "
    )
    arguments = ["--config-file=mypy.ini", "--cache-dir=cache", "-v"]

    def stale(code: str, *names: str) -> bool:
        command = [sys.executable, "-c", code, *arguments, *names]
        run = subprocess.run(command, capture_output=True, text=True, env=os.environ)
        return "Metadata abandoned for two" in run.stdout + run.stderr

    stale(code, *programs)
    assert not stale(code, *programs)
    assert not stale(other + code, programs[0])
    assert stale(other + code, programs[1])
