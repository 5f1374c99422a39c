"""Fixes in files: encodings, line ends and all that is not fixed stay as they are."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from named_types.analyzer import check_source
from named_types.cli import main
from named_types.fixing import fix_files
from named_types.source import read_source

OLD, NEW = "from jax.lax import pdot, psum", "from named_types.runtime.lax import pdot\nfrom jax.lax import psum"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_file_stays_what_it_is(encoding: str, line_end: str, tmp_path: Path) -> None:
    coding = "# coding: latin-1\n" if encoding == "latin-1" else ""
    file = tmp_path / "old.py"

    def content(statement: str) -> bytes:
        return f"{coding}x = 'ä'\n{statement}\ny = 1  # jax.lax.pdot\n".replace("\n", line_end).encode(encoding)

    file.write_bytes(content(OLD))
    assert fix_files(check_source(str(file), read_source(file))) == 1
    assert file.read_bytes() == content(NEW)
    assert check_source(str(file), read_source(file)) == ()


def test_the_command_reports_what_remains(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("old.py").write_text(f"import jax\nfrom jax import lax\n{OLD}\nf = lax.pdot, jax.tree_map\n")
    assert _command(monkeypatch, "check", "--fix", "--output-format", "concise", ".") == 1
    shown = capsys.readouterr()
    assert shown.out == "old.py:5:5: error[removed-api] jax.lax.pdot was removed from JAX\n"
    assert shown.err == "Fixed 2 problems.\nFound 1 problem in 1 file.\n"
    assert Path("old.py").read_text() == f"import jax\nfrom jax import lax\n{NEW}\nf = lax.pdot, jax.tree.map\n"


def test_only_what_is_selected_is_fixed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("old.py").write_text(OLD)
    assert _command(monkeypatch, "check", "--fix", "--ignore", "removed-api", "old.py") == 0
    assert Path("old.py").read_text() == OLD


def test_a_file_that_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def write(path: Path, content: bytes) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.chdir(tmp_path)
    Path("old.py").write_text(OLD)
    monkeypatch.setattr(Path, "write_bytes", write)
    assert _command(monkeypatch, "check", "--no-cache", "--fix", "old.py") == 2
    assert capsys.readouterr().err == "Error: cannot write old.py: Permission denied\n"


def _command(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr("sys.argv", ["named-types", *arguments])
    with pytest.raises(SystemExit) as left:
        main()
    assert isinstance(left.value.code, int)
    return left.value.code
