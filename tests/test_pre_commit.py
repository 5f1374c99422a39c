"""The hook, run by the real pre-commit on commits of a repository of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

pytestmark = pytest.mark.slow

GOOD = """\
from named_types import f32


def same(x: f32[(5,)]) -> f32[(5,)]:
    return x
"""
BAD = GOOD.replace("-> f32[(5,)]", "-> f32[(7,)]")


def git(repository: Path, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run git as somebody, whatever the configuration of this machine."""
    settings = ["user.name=Somebody", "user.email=somebody@example.invalid", "init.defaultBranch=main"]
    options = [option for setting in settings for option in ("-c", setting)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return subprocess.run(
        ["git", *options, *arguments], cwd=repository, env=environment, check=check, capture_output=True, text=True
    )


def commit(repository: Path, files: dict[str, str]) -> subprocess.CompletedProcess[str]:
    for name, text in files.items():
        (repository / name).write_text(text)
    git(repository, "add", "--all")
    return git(repository, "commit", "--message", "Change", check=False)


@pytest.fixture(scope="module")
def hook(checkout: Path) -> str:
    """The revision of a repository that holds this checkout, at ``checkout``."""
    git(checkout, "init")
    git(checkout, "add", "--all")
    git(checkout, "commit", "--message", "The hook")
    return git(checkout, "rev-parse", "HEAD").stdout.strip()


@pytest.fixture(scope="module")
def repository(hook: str, checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A user's repository with the hook installed."""
    user = tmp_path_factory.mktemp("user")
    git(user, "init")
    (user / ".pre-commit-config.yaml").write_text(
        f"repos:\n  - repo: {checkout}\n    rev: {hook}\n    hooks:\n      - id: named-types\n"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PRE_COMMIT_HOME", str(tmp_path_factory.mktemp("pre-commit")))
        patch.setenv("PIP_CONSTRAINT", str(ROOT / "constraints.txt"))
        subprocess.run([sys.executable, "-m", "pre_commit", "install"], cwd=user, check=True, capture_output=True)
        yield user


def test_a_good_commit_passes(repository: Path) -> None:
    done = commit(repository, {"good.py": GOOD})
    assert done.returncode == 0, done.stderr
    assert re.search(r"^named-types\.+Passed$", done.stderr, re.MULTILINE)


def test_a_bad_commit_is_refused(repository: Path) -> None:
    refused = commit(repository, {"bad.py": BAD})
    assert refused.returncode == 1
    assert "bad.py:5:12: error[incompatible-return]" in refused.stderr
    assert "bad.py" not in git(repository, "ls-tree", "--name-only", "HEAD", check=False).stdout
