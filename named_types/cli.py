"""The command ``named-types``.

Exit status: 0 nothing found, 1 diagnostics, 2 the run itself failed, 130 interrupted. The analyzer, and JAX with
it, is imported when there is something to check, so that everything else answers at once.
"""

from __future__ import annotations

import io
import os
import re
import sys
import traceback
from collections.abc import Sequence
from difflib import get_close_matches
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

from named_types.diagnostics import FORMATS, Diagnostic, RevealedType
from named_types.discovery import discover
from named_types.problems import CATALOGUE, SyntaxProblem, UnreadableFile

if TYPE_CHECKING:
    from named_types.checking import CheckedFile

FOUND_NOTHING, FOUND_SOMETHING, FAILED, INTERRUPTED = 0, 1, 2, 130

UNCHECKED = frozenset({SyntaxProblem.code, UnreadableFile.code})
"""The codes of files that could not be checked: selecting others must not pass them for right."""


def main() -> None:
    """Run the command and leave the process with its exit status."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        sys.exit(cli.main(prog_name="named-types", standalone_mode=False))
    except click.Abort:
        sys.exit(INTERRUPTED)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("named-types"), message="%(prog)s %(version)s")
def cli() -> None:
    """Check named-axis JAX programs before they run."""


def _read_codes(context: click.Context, parameter: click.Parameter, given: Sequence[str]) -> frozenset[str]:
    """The codes of an option that may be repeated, each time with one code or several with commas between."""
    codes = frozenset(code.strip() for text in given for code in text.split(","))
    for code in sorted(codes - CATALOGUE.keys() - {RevealedType.code}):
        raise click.BadParameter(_unknown_code(code))
    return codes


@cli.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--output-format", type=click.Choice(list(FORMATS)), default="full", show_default=True, help="How to report."
)
@click.option("--select", multiple=True, callback=_read_codes, metavar="CODE", help="Report these codes only.")
@click.option("--ignore", multiple=True, callback=_read_codes, metavar="CODE", help="Do not report these codes.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 even where there are diagnostics.")
@click.option("--show-traceback", is_flag=True, help="Show where a failure inside the checker comes from.")
def check(
    paths: tuple[Path, ...],
    output_format: str,
    select: frozenset[str],
    ignore: frozenset[str],
    exit_zero: bool,
    show_traceback: bool,
) -> int:
    """Check files, and the Python files in directories; by default the current directory.

    Hidden files, virtual environments, build output and what .gitignore leaves out are skipped in directories.
    Exits with 0 if nothing was found, 1 if there are diagnostics, 2 if the run itself failed.
    """
    discovery = discover(paths or (Path(),))
    for path, reason in discovery.failures:
        _complain(f"{path}: {reason}")
    checked = _check_files(discovery.files, [path for path in paths if path.is_dir()], show_traceback)
    diagnostics = [
        diagnostic
        for file in checked
        for diagnostic in file.diagnostics
        if diagnostic.code not in ignore and (not select or diagnostic.code in select | UNCHECKED)
    ]
    _report(output_format, checked, diagnostics)
    if discovery.failures or len(checked) < len(discovery.files) or not all(file.accessible for file in checked):
        return FAILED
    found = any(diagnostic.severity != "note" for diagnostic in diagnostics)
    return FOUND_SOMETHING if found and not exit_zero else FOUND_NOTHING


@cli.command()
@click.argument("code")
def explain(code: str) -> int:
    """Print the page of a problem's code."""
    if code not in CATALOGUE:
        raise click.UsageError(_unknown_code(code))
    page = re.sub("^#+ .*$", lambda heading: click.style(heading[0], bold=True), CATALOGUE[code].page(), flags=re.M)
    click.echo(page, nl=False, color=_colour())
    return 0


class _Verbatim(click.Command):
    """A command whose arguments are those of another program, ``--help`` and ``--`` among them."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.args = args
        return args


@cli.command(cls=_Verbatim, add_help_option=False)
@click.pass_context
def mypy(context: click.Context) -> int:
    """Run mypy with the plugin: its arguments, its configuration."""
    if find_spec("mypy") is None:
        _complain("mypy is not installed: pip install 'named-types[mypy]'")
        return FAILED
    try:
        from named_types.mypy_plugin.command import run_mypy
    except ImportError as error:
        _complain(f"cannot load the mypy plugin: {error}")
        return FAILED
    run_mypy(context.args)
    return 0


def _check_files(paths: Sequence[Path], directories: Sequence[Path], show_traceback: bool) -> list[CheckedFile]:
    """Check the files. A failure of the checker is reported, costs that file, and no other."""
    if not paths:
        return []
    from named_types.checking import check_files

    def complain(path: Path, error: Exception) -> None:
        _complain(f"{path}: internal error, please report it: {type(error).__name__}: {error}")
        if show_traceback:
            traceback.print_exception(error)

    return check_files(paths, directories, complain)


def _sources_of(checked: Sequence[CheckedFile]) -> dict[str, str]:
    if not checked:
        return {}
    from named_types.checking import sources_of

    return sources_of(checked)


def _report(output_format: str, checked: Sequence[CheckedFile], diagnostics: Sequence[Diagnostic]) -> None:
    """Diagnostics go to standard output, a closing line for people to standard error."""
    text = FORMATS[output_format](diagnostics, _sources_of(checked))
    if text:
        click.echo(text, color=_colour())
    if output_format != "json":
        found = sum(diagnostic.severity != "note" for diagnostic in diagnostics)
        click.echo(f"Found {_count(found, 'problem')} in {_count(len(checked), 'file')}.", err=True)


def _colour() -> bool | None:
    """None leaves it to click: colour on a terminal. See https://no-color.org."""
    if os.environ.get("NO_COLOR"):
        return False
    return True if os.environ.get("FORCE_COLOR") else None


def _complain(message: str) -> None:
    click.echo(f"Error: {message}", err=True)


def _count(number: int, noun: str) -> str:
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"


def _unknown_code(code: str) -> str:
    close = get_close_matches(code, CATALOGUE)
    suggestion = f"did you mean {' or '.join(close)}?" if close else f"the codes are {', '.join(sorted(CATALOGUE))}."
    return f"there is no code {code!r}; {suggestion}"
