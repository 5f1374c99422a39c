"""The command ``named-types``.

Exit status: 0 nothing found, 1 diagnostics, 2 the run itself failed, 130 interrupted. The analyzer, and JAX with
it, is imported by the processes that check what the cache does not know, so that everything else answers at once.
"""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Sequence, Set
from difflib import get_close_matches
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

from named_types.checking import CheckedFile, run, sources_of
from named_types.checking.run import Options
from named_types.checking.workers import TIMEOUT, CannotStartError
from named_types.diagnostics import Diagnostic, RevealedType
from named_types.diagnostics.formats import FORMATS

if TYPE_CHECKING:
    from named_types.checking.outcome import Failure

FOUND_NOTHING, FOUND_SOMETHING, FAILED, INTERRUPTED = 0, 1, 2, 130

UNCHECKED = frozenset({"syntax-error", "unreadable-file"})
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
    except CannotStartError as error:
        _complain(f"the checker cannot start: {error}")
        sys.exit(FAILED)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)


def _cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="named-types", message="%(prog)s %(version)s")
def cli() -> None:
    """Check named-axis JAX programs before they run."""


def _read_codes(context: click.Context, parameter: click.Parameter, given: Sequence[str]) -> frozenset[str]:
    """The codes of an option that may be repeated, each time with one code or several with commas between."""
    codes = frozenset(code.strip() for text in given for code in text.split(","))
    for code in sorted(codes and codes - _codes() - {RevealedType.code}):
        raise click.BadParameter(_unknown_code(code))
    return codes


@cli.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--output-format", type=click.Choice(list(FORMATS)), default="full", show_default=True, help="How to report."
)
@click.option("--select", multiple=True, callback=_read_codes, metavar="CODE", help="Report these codes only.")
@click.option("--ignore", multiple=True, callback=_read_codes, metavar="CODE", help="Do not report these codes.")
@click.option("--fix", is_flag=True, help="Write the fixes that there are, and report what remains.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 even where there are diagnostics.")
@click.option(
    "--jobs", "-j", type=click.IntRange(min=1), default=_cores, show_default="all cores", help="Processes at a time."
)
@click.option("--no-cache", is_flag=True, help="Check everything anew, and keep nothing.")
@click.option(
    "--cache-dir",
    type=click.Path(path_type=Path, file_okay=False),
    default=".named_types_cache",
    envvar="NAMED_TYPES_CACHE_DIR",
    show_default=True,
    show_envvar=True,
    help="Where results are kept.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=TIMEOUT,
    show_default=True,
    metavar="SECONDS",
    help="Give a file up when its check has stood still for so long.",
)
@click.option("--show-traceback", is_flag=True, help="Show where a failure inside the checker comes from.")
def check(
    paths: tuple[Path, ...],
    output_format: str,
    select: frozenset[str],
    ignore: frozenset[str],
    fix: bool,
    exit_zero: bool,
    jobs: int,
    no_cache: bool,
    cache_dir: Path,
    timeout: float,
    show_traceback: bool,
) -> int:
    """Check files, and the Python files in directories; by default the current directory.

    Hidden files, virtual environments, build output and what .gitignore leaves out are skipped in directories.
    Exits with 0 if nothing was found, 1 if there are diagnostics, 2 if the run itself failed.
    """
    from named_types.discovery import discover

    discovery = discover(paths or (Path(),))
    for path, reason in discovery.failures:
        _complain(f"{path}: {reason}")
    options = Options(None if no_cache else cache_dir, jobs, timeout)
    directories = [path for path in paths if path.is_dir()]

    def run_once() -> tuple[list[CheckedFile], list[Diagnostic]]:
        checked = run.check(discovery.files, directories, options, partial(_complain_of, show_traceback=show_traceback))
        found = [one for file in checked for one in file.diagnostics if one.code not in ignore]
        return checked, [one for one in found if not select or one.code in select | UNCHECKED]

    checked, diagnostics = run_once()
    if fix and _fix(diagnostics):
        checked, diagnostics = run_once()
    _report(output_format, len(checked), diagnostics)
    if discovery.failures or len(checked) < len(discovery.files) or not all(file.accessible for file in checked):
        return FAILED
    found = any(diagnostic.severity != "note" for diagnostic in diagnostics)
    return FOUND_SOMETHING if found and not exit_zero else FOUND_NOTHING


@cli.command()
@click.argument("code")
def explain(code: str) -> int:
    """Print the page of a problem's code."""
    from named_types.problems import CATALOGUE

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


def _fix(diagnostics: Sequence[Diagnostic]) -> int:
    """Write the fixes of diagnostics, and tell how many there were."""
    from named_types.fixing import fix_files

    try:
        fixed = fix_files(diagnostics)
    except OSError as error:
        _complain(f"cannot write {error.filename}: {error.strerror}")
        sys.exit(FAILED)
    if fixed:
        click.echo(f"Fixed {_count(fixed, 'problem')}.", err=True)
    return fixed


def _report(output_format: str, count: int, diagnostics: Sequence[Diagnostic]) -> None:
    """Diagnostics go to standard output, a closing line for people to standard error."""
    text = FORMATS[output_format](diagnostics, sources_of(diagnostics))
    if text:
        click.echo(text, color=_colour())
    if output_format != "json":
        found = sum(diagnostic.severity != "note" for diagnostic in diagnostics)
        click.echo(f"Found {_count(found, 'problem')} in {_count(count, 'file')}.", err=True)


def _colour() -> bool | None:
    """None leaves it to click: colour on a terminal. See https://no-color.org."""
    if os.environ.get("NO_COLOR"):
        return False
    return True if os.environ.get("FORCE_COLOR") else None


def _complain_of(failure: Failure, show_traceback: bool) -> None:
    _complain(f"{failure.path}: {failure.reason}")
    if show_traceback and failure.traceback is not None:
        click.echo(failure.traceback, err=True)


def _complain(message: str) -> None:
    click.echo(f"Error: {message}", err=True)


def _count(number: int, noun: str) -> str:
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"


def _codes() -> Set[str]:
    from named_types.problems import CATALOGUE  # here, for none but these options and `explain` need it

    return CATALOGUE.keys()


def _unknown_code(code: str) -> str:
    close = get_close_matches(code, _codes())
    suggestion = f"did you mean {' or '.join(close)}?" if close else f"the codes are {', '.join(sorted(_codes()))}."
    return f"there is no code {code!r}; {suggestion}"
