"""The text of a module as mypy has read it, which need not be that of its file."""

from __future__ import annotations

import gc
from collections.abc import Mapping

from mypy.modulefinder import BuildSource
from mypy.options import Options

from named_types.source import SourceError, read_source

_COMMAND_LINE = "<string>"


def text_of(path: str, options: Options) -> str:
    """Raises `SourceError` where there is none: of a file with ``--shadow-file``, it is that of the other one."""
    if path == _COMMAND_LINE:
        return _text_of_command_line()
    shadows: Mapping[str, str] = dict(options.shadow_file or ())
    return read_source(shadows.get(path, path))


def _text_of_command_line() -> str:
    """The program of ``-c``, which mypy holds where no plugin can ask for it."""
    sources = [one for one in gc.get_objects() if isinstance(one, BuildSource) and one.path is None]
    texts = {one.text for one in sources if one.text is not None}
    if len(texts) != 1:
        raise SourceError("the program of the command line is not known")
    return texts.pop()
