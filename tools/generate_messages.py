"""Write what the runtime says about the programs of the page of messages into the blocks that show it.

    python tools/generate_messages.py

The block after `named_types:` is what the program before it raises, after the lines that every program begins with.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

os.environ.setdefault("JAX_PLATFORMS", "cpu")
os.environ.setdefault("XLA_FLAGS", "--xla_force_host_platform_device_count=8")

PAGE = Path(__file__).parent.parent / "docs" / "messages.md"
_PROGRAM = re.compile(r"^```python\n(?P<source>(?:(?!^```).*\n)*)```$", re.MULTILINE)
_SHOWN = re.compile(
    r"(?<=^```python\n)(?P<source>(?:(?!^```).*\n)*)```\n(?P<between>(?:(?!^```python).*\n)*?)"
    r"named_types:\n\n```text\n(?:(?!^```).*\n)*```",
    re.MULTILINE,
)


def with_messages(text: str) -> str:
    """The page with what each of its programs raises."""
    beginning = _PROGRAM.search(text)
    assert beginning is not None

    def shown(match: re.Match[str]) -> str:
        message = _message(beginning["source"], match["source"])
        return f"{match['source']}```\n{match['between']}named_types:\n\n```text\n{message}\n```"

    return _SHOWN.sub(shown, text)


def _message(beginning: str, program: str) -> str:
    namespace: dict[str, object] = {}
    exec(beginning, namespace)
    try:
        exec(compile(program, "program.py", "exec"), namespace)
    except Exception as error:
        return f"{type(error).__name__}: {str(error).splitlines()[0]}" + "".join(
            f"\n{line}" for line in str(error).splitlines()[1:] if line.startswith("  ")
        )
    raise AssertionError(f"nothing is wrong with\n{program}")


if __name__ == "__main__":
    PAGE.write_text(with_messages(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
