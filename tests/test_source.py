from __future__ import annotations

from pathlib import Path

import pytest

from named_types.source import InaccessibleSourceError, SourceError, decode, read_source


@pytest.mark.parametrize(
    ("content", "text"),
    [
        pytest.param(b"", "", id="empty"),
        pytest.param("name = 'é'".encode(), "name = 'é'", id="UTF-8"),
        pytest.param(b"\xef\xbb\xbfx = 1", "x = 1", id="byte order mark"),
        pytest.param(b"# -*- coding: latin-1 -*-\nname = '\xe9'", "# -*- coding: latin-1 -*-\nname = 'é'", id="cookie"),
        pytest.param(
            b"#!/bin/python\n# coding=cp1252\n'\x80'", "#!/bin/python\n# coding=cp1252\n'€'", id="second line"
        ),
        pytest.param(b"x = 1\r\ny = 2\rz = 3\n", "x = 1\ny = 2\nz = 3\n", id="line ends"),
    ],
)
def test_reads_what_python_reads(content: bytes, text: str) -> None:
    compile(content, "a.py", "exec")
    assert decode(content) == text


@pytest.mark.parametrize(
    ("content", "reason", "line"),
    [
        (b"x = 1\n\n'\0'", "it is binary: it contains a null byte", 3),
        (b"\n\n\nx = '\xff'", "it is not utf-8: invalid start byte", 4),
        (b"# coding: ascii\n\n'\xe9'", "it is not ascii: ordinal not in range(128)", 3),
        (b"# coding: klingon", "unknown encoding: klingon", 1),
        (b"\xef\xbb\xbf# coding: latin-1", "encoding problem: utf-8", 1),
        ("x = 1".encode("utf-16"), "it is binary: it contains a null byte", 1),
    ],
)
def test_says_why_and_where_it_is_no_source(content: bytes, reason: str, line: int) -> None:
    with pytest.raises(SourceError) as error:
        decode(content)
    assert (error.value.reason, error.value.line) == (reason, line)


def test_reads_a_file(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(b"x = 1\r\n")
    assert read_source(tmp_path / "a.py") == read_source(str(tmp_path / "a.py")) == "x = 1\n"


@pytest.mark.parametrize(("name", "reason"), [("missing.py", "no such file or directory"), (".", "is a directory")])
def test_a_file_that_cannot_be_had(name: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(InaccessibleSourceError) as error:
        read_source(tmp_path / name)
    assert (error.value.reason, error.value.line) == (reason, 1)
