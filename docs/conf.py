"""How Sphinx builds these pages, and the page of each problem's code, which is its class's docstring."""

from __future__ import annotations

from importlib.metadata import version as version_of
from inspect import getdoc
from pathlib import Path

from sphinx.application import Sphinx

from named_types.problems import CATALOGUE

project = "named_types"
author = "named_types developers"
version = release = version_of("named-types")

extensions = ["myst_parser"]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]

html_theme = "furo"
html_title = f"named_types {release}"


def setup(app: Sphinx) -> None:
    app.connect("builder-inited", lambda app: write_code_pages(Path(app.srcdir) / "codes"))


def write_code_pages(directory: Path) -> None:
    """Write one page for each code, and their index. Pages of codes that are gone go too."""
    directory.mkdir(exist_ok=True)
    pages = {code: problem.page() for code, problem in CATALOGUE.items()}
    pages["index"] = _index(sorted(CATALOGUE))
    for stale in {path.stem for path in directory.glob("*.md")} - pages.keys():
        (directory / f"{stale}.md").unlink()
    for name, text in pages.items():
        path = directory / f"{name}.md"
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def _index(codes: list[str]) -> str:
    summaries = {code: (getdoc(CATALOGUE[code]) or "").splitlines()[0] for code in codes}
    rows = "\n".join(f"- [`{code}`]({code}.md): {summary}" for code, summary in summaries.items())
    return (
        "# Codes\n\nEverything that can be wrong. `named-types explain CODE` prints the same pages.\n\n"
        f"{rows}\n\n```{{toctree}}\n:hidden:\n\n" + "\n".join(codes) + "\n```\n"
    )
