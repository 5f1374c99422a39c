"""The command: which files it checks, what it prints, and its exit status.

The analyzer is replaced by one that knows a single fault, the word ``bad``; what the real one finds is the
business of its own tests.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from named_types.checking.in_process import check_in_process
from named_types.checking.outcome import Outcome
from named_types.cli import main
from named_types.diagnostics import Diagnostic, Place
from named_types.problems import CATALOGUE, InvalidAnnotation, UnboundAxisName

COMMAND = [sys.executable, "-c", "from named_types.cli import main; main()"]


@dataclass(frozen=True)
class Run:
    status: int
    out: str
    err: str


Command = Callable[..., Run]


def find_bad_words(path: str, source: str, program: object) -> tuple[Diagnostic, ...]:
    """Stands for the analyzer: ``bad`` is an invalid annotation, ``reveal`` asks for a type."""
    found = []
    for number, line in enumerate(source.splitlines(), 1):
        if (column := line.find("bad") + 1) > 0:
            place = Place(path, number, column, number, column + 3)
            found.append(Diagnostic(InvalidAnnotation("bad", "it is bad"), place))
        if (column := line.find("reveal") + 1) > 0:
            found.append(Diagnostic.revealed("f32[()]", Place(path, number, column, number, column + 6)))
    return tuple(reversed(found))


def check_here(paths: Sequence[str], checked: Sequence[str], directories: Iterable[Path], *_: object) -> list[Outcome]:
    """Stands for the workers."""
    return check_in_process(paths, checked, directories)


@pytest.fixture(autouse=True)
def analyzer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    monkeypatch.setattr("named_types.analyzer.check_source", find_bad_words)
    monkeypatch.setattr("named_types.checking.workers.check_in_workers", check_here)
    monkeypatch.setenv("NAMED_TYPES_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def named_types(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs the command in this process."""

    def run(*arguments: str) -> Run:
        monkeypatch.setattr(sys, "argv", ["named-types", *arguments])
        with pytest.raises(SystemExit) as exit_:
            main()
        status = exit_.value.code
        assert isinstance(status, int)
        return Run(status, *capsys.readouterr())

    return run


def write(files: dict[str, str]) -> None:
    for name, text in files.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text)


def checked(run: Run) -> list[str]:
    """The paths with a diagnostic, from the concise format."""
    return [line.partition(":")[0] for line in run.out.splitlines()]


class TestReporting:
    def test_nothing_found(self, named_types: Command) -> None:
        write({"a.py": "x = 1\n"})
        assert named_types("check") == Run(0, "", "Found no problems in 1 file.\n")

    def test_full_is_the_default(self, named_types: Command) -> None:
        write({"a.py": "x: bad\n"})
        assert named_types("check", "a.py") == Run(
            1,
            "a.py:1:4: error[invalid-annotation]: invalid array type `bad`: it is bad\n"
            "    1 | x: bad\n"
            "      |    ^^^\n",
            "Found 1 problem in 1 file.\n",
        )

    def test_concise_in_the_order_of_the_text(self, named_types: Command) -> None:
        write({"a.py": "x: bad\n\ny: bad\n", "b.py": "bad\n"})
        assert named_types("check", "--output-format", "concise", ".") == Run(
            1,
            "a.py:1:4: error[invalid-annotation] invalid array type `bad`: it is bad\n"
            "a.py:3:4: error[invalid-annotation] invalid array type `bad`: it is bad\n"
            "b.py:1:1: error[invalid-annotation] invalid array type `bad`: it is bad\n",
            "Found 3 problems in 2 files.\n",
        )

    def test_json_is_all_that_is_printed(self, named_types: Command) -> None:
        write({"a.py": "x: bad\n"})
        run = named_types("check", "--output-format=json")
        assert (run.status, run.err) == (1, "")
        assert [(each["path"], each["line"], each["column"]) for each in json.loads(run.out)] == [("a.py", 1, 4)]

    def test_json_of_nothing(self, named_types: Command) -> None:
        write({"a.py": ""})
        assert named_types("check", "--output-format=json") == Run(0, "[]\n", "")

    def test_an_answer_to_reveal_type_is_no_finding(self, named_types: Command) -> None:
        write({"a.py": "reveal\n"})
        run = named_types("check", "--output-format", "concise")
        assert run == Run(
            0, 'a.py:1:1: note[revealed-type] revealed type is "f32[()]"\n', "Found no problems in 1 file.\n"
        )

    def test_comments_silence(self, named_types: Command) -> None:
        write({"a.py": "x: bad  # named-types: ignore[invalid-annotation]\n"})
        assert named_types("check").status == 0

    def test_exit_zero(self, named_types: Command) -> None:
        write({"a.py": "bad\n"})
        run = named_types("check", "--exit-zero", "--output-format", "concise")
        assert (run.status, checked(run)) == (0, ["a.py"])

    @pytest.mark.parametrize(("variable", "coloured"), [("FORCE_COLOR", True), ("NO_COLOR", False)])
    def test_colour(self, variable: str, coloured: bool, named_types: Command, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(variable, "1")
        write({"a.py": "bad\n"})
        assert ("\x1b[" in named_types("check").out) == coloured


class TestSelection:
    @pytest.fixture(autouse=True)
    def program(self) -> None:
        write({"a.py": "bad reveal\n"})

    @pytest.mark.parametrize(
        ("options", "status"),
        [
            (["--select", "invalid-annotation"], 1),
            (["--select", "unbound-axis-name"], 0),
            (["--select", "unbound-axis-name,invalid-annotation"], 1),
            (["--select", "unbound-axis-name", "--select", "invalid-annotation"], 1),
            (["--ignore", "invalid-annotation"], 0),
            (["--ignore", "unbound-axis-name"], 1),
            (["--select", "invalid-annotation", "--ignore", "invalid-annotation"], 0),
        ],
    )
    def test_codes(self, options: list[str], status: int, named_types: Command) -> None:
        assert named_types("check", *options).status == status

    def test_a_file_that_cannot_be_checked_is_never_passed_over(self, named_types: Command) -> None:
        Path("a.py").write_bytes(b"\0")
        assert named_types("check", "--select", "unbound-axis-name").status == 1
        assert named_types("check", "--ignore", "unreadable-file").status == 0

    @pytest.mark.parametrize("option", ["--select", "--ignore"])
    def test_an_unknown_code_is_refused(self, option: str, named_types: Command) -> None:
        run = named_types("check", option, "invalid-anotation")
        assert (run.status, run.out) == (2, "")
        assert "there is no code 'invalid-anotation'; did you mean invalid-annotation" in run.err


class TestFiles:
    def test_directories_are_searched_for_python(self, named_types: Command) -> None:
        write(dict.fromkeys(["a.py", "b.pyi", "c.txt", "sub/deep/d.py", "sub/e.ipynb"], "bad"))
        run = named_types("check", "--output-format", "concise", ".")
        assert checked(run) == ["a.py", "b.pyi", "sub/deep/d.py"]

    def test_a_named_file_is_checked_whatever_its_name(self, named_types: Command) -> None:
        write({"script": "bad", ".hidden/a.py": "bad"})
        run = named_types("check", "--output-format", "concise", "script", ".hidden/a.py")
        assert checked(run) == ["script", ".hidden/a.py"]

    def test_a_file_named_twice_is_checked_once(self, named_types: Command) -> None:
        write({"sub/a.py": "bad"})
        assert checked(named_types("check", "--output-format", "concise", "sub", "./sub/a.py", "sub")) == ["sub/a.py"]

    def test_what_is_not_the_users_program_is_skipped(self, named_types: Command) -> None:
        skipped = [".tox/a.py", "build/a.py", "dist/a.py", "node_modules/a.py", "__pycache__/a.py", ".#a.py"]
        write(dict.fromkeys(skipped, "bad") | {"env/pyvenv.cfg": "", "env/lib/a.py": "bad", "ours.py": "bad"})
        assert checked(named_types("check", "--output-format", "concise")) == ["ours.py"]

    def test_what_is_no_file_is_skipped(self, named_types: Command) -> None:
        os.mkfifo("pipe.py")
        Path("directory.py").mkdir()
        write({"ours.py": "bad"})
        assert checked(named_types("check", "--output-format", "concise")) == ["ours.py"]

    def test_a_name_that_is_no_text(self) -> None:
        Path("\udcff.py").write_bytes(b"\0")
        run = subprocess.run([*COMMAND, "check", "--output-format", "concise"], capture_output=True, text=True)
        assert (run.returncode, run.stderr) == (1, "Found 1 problem in 1 file.\n")
        assert run.stdout.startswith(r"\udcff.py:1:1: error[unreadable-file] ")

    def test_directories_behind_links_are_skipped(self, named_types: Command) -> None:
        write({"real/a.py": "bad"})
        Path("link").symlink_to("real")
        Path("real/loop").symlink_to("..")
        assert checked(named_types("check", "--output-format", "concise")) == ["real/a.py"]


class TestIgnoreFiles:
    @pytest.fixture(autouse=True)
    def repository(self) -> None:
        write(
            {
                ".git/HEAD": "",
                ".gitignore": "generated/\n*_pb2.py\n",
                "a.py": "bad",
                "a_pb2.py": "bad",
                "generated/b.py": "bad",
                "sub/.gitignore": "/local.py\n!kept_pb2.py\n",
                "sub/local.py": "bad",
                "sub/kept_pb2.py": "bad",
                "sub/deep/local.py": "bad",
            }
        )

    def test_what_they_leave_out_is_skipped(self, named_types: Command) -> None:
        run = named_types("check", "--output-format", "concise")
        assert checked(run) == ["a.py", "sub/deep/local.py", "sub/kept_pb2.py"]

    def test_those_above_count_too(self, named_types: Command, monkeypatch: pytest.MonkeyPatch) -> None:
        write({"sub/deep/c_pb2.py": "bad"})
        monkeypatch.chdir("sub/deep")
        assert checked(named_types("check", "--output-format", "concise")) == ["local.py"]

    def test_lines_that_are_no_patterns_are_passed_over(self, named_types: Command) -> None:
        write({"sub/.gitignore": "!\n\\\n[z-a]\n/local.py\n"})
        run = named_types("check", "--output-format", "concise", "sub")
        assert checked(run) == ["sub/deep/local.py"]

    def test_a_directory_in_a_directory_that_is_left_out(self, named_types: Command) -> None:
        write({"generated/deep/c.py": "bad", "generated/.gitignore": "d.py", "generated/deep/d.py": "bad"})
        run = named_types("check", "--output-format", "concise", "generated/deep")
        assert checked(run) == ["generated/deep/c.py", "generated/deep/d.py"]

    def test_asking_by_name_overrules_them(self, named_types: Command) -> None:
        run = named_types("check", "--output-format", "concise", "generated", "a_pb2.py")
        assert checked(run) == ["generated/b.py", "a_pb2.py"]


class TestBadInput:
    def test_a_missing_path_costs_no_other(self, named_types: Command) -> None:
        write({"a.py": "bad"})
        run = named_types("check", "--output-format", "concise", "missing.py", "a.py")
        assert (run.status, checked(run)) == (2, ["a.py"])
        assert run.err == "Error: missing.py: no such file or directory\nFound 1 problem in 1 file.\n"

    def test_a_missing_path_is_no_success_with_exit_zero(self, named_types: Command) -> None:
        assert named_types("check", "--exit-zero", "missing.py").status == 2

    def test_an_inaccessible_file(self, named_types: Command) -> None:
        Path("gone.py").symlink_to("nowhere.py")
        write({"z.py": "bad"})
        assert named_types("check", "--output-format", "concise") == Run(
            2,
            "gone.py:1:1: error[unreadable-file] the file cannot be read: no such file or directory\n"
            "z.py:1:1: error[invalid-annotation] invalid array type `bad`: it is bad\n",
            "Found 2 problems in 2 files.\n",
        )

    @pytest.mark.parametrize(
        ("content", "place_and_reason"),
        [
            pytest.param(b"x = 1\ny = '\0'\n", "2:1: it is binary: it contains a null byte", id="binary"),
            pytest.param(b"#\n#\nx = 1\ny = '\xff'\n", "4:1: it is not utf-8: invalid start byte", id="not UTF-8"),
            pytest.param(b"# coding: klingon\n", "1:1: unknown encoding: klingon", id="unknown encoding"),
        ],
    )
    def test_what_is_no_text(self, content: bytes, place_and_reason: str, named_types: Command) -> None:
        Path("a.py").write_bytes(content)
        write({"z.py": "bad"})
        place, _, reason = place_and_reason.partition(": ")
        run = named_types("check", "--output-format", "concise")
        assert run.out.splitlines() == [
            f"a.py:{place}: error[unreadable-file] the file cannot be read: {reason}",
            "z.py:1:1: error[invalid-annotation] invalid array type `bad`: it is bad",
        ]
        assert run.status == 1

    @pytest.mark.parametrize(
        "arguments", [("check", "--nonsense"), ("check", "--output-format", "xml"), ("chekc",), ("explain",), ()]
    )
    def test_wrong_usage(self, arguments: tuple[str, ...], named_types: Command) -> None:
        run = named_types(*arguments)
        assert (run.status, run.out) == (2, "")
        assert run.err.startswith("Usage: named-types")

    def test_a_failure_of_the_checker_costs_one_file(
        self, named_types: Command, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail_on_a(path: str, source: str, program: object) -> tuple[Diagnostic, ...]:
            if path == "a.py":
                raise ZeroDivisionError("division by zero")
            return find_bad_words(path, source, program)

        monkeypatch.setattr("named_types.analyzer.check_source", fail_on_a)
        write({"a.py": "", "b.py": "bad"})
        run = named_types("check", "--output-format", "concise")
        assert (run.status, checked(run)) == (2, ["b.py"])
        assert run.err == (
            "Error: a.py: internal error, please report it: ZeroDivisionError: division by zero\n"
            "Found 1 problem in 1 file.\n"
        )
        assert "in fail_on_a" in named_types("check", "--show-traceback").err

    def test_interruption(self, named_types: Command, monkeypatch: pytest.MonkeyPatch) -> None:
        def interrupt(path: str, source: str, program: object) -> tuple[Diagnostic, ...]:
            raise KeyboardInterrupt

        monkeypatch.setattr("named_types.analyzer.check_source", interrupt)
        write({"a.py": ""})
        run = named_types("check")
        assert (run.status, run.out, run.err.strip()) == (130, "", "")

    def test_a_closed_pipe_is_no_error(self) -> None:
        read, write = os.pipe()
        os.close(read)
        with os.fdopen(write) as pipe:
            run = subprocess.run([*COMMAND, "explain", "resource-conflict"], stdout=pipe, stderr=subprocess.PIPE)
        assert run.stderr == b""

    def test_a_terminal_without_unicode(self) -> None:
        environment = os.environ | {"PYTHONIOENCODING": "latin-1"}
        run = subprocess.run([*COMMAND, "check", "\N{SNOWMAN}.py"], capture_output=True, env=environment)
        assert (run.returncode, run.stdout) == (2, b"")
        assert rb"Error: \u2603.py: no such file or directory" in run.stderr


class TestExplain:
    def test_prints_the_page(self, named_types: Command) -> None:
        run = named_types("explain", UnboundAxisName.code)
        assert (run.status, run.err) == (0, "")
        assert run.out.startswith(f"# unbound-axis-name\n\n{str(UnboundAxisName.__doc__).splitlines()[0]}\n")

    @pytest.mark.parametrize("code", sorted(CATALOGUE))
    def test_every_code_has_a_page(self, code: str, named_types: Command) -> None:
        page = named_types("explain", code).out.partition("\n\n")[2]
        assert page.strip() not in ("", "None")

    def test_an_unknown_code(self, named_types: Command) -> None:
        run = named_types("explain", "ressource-conflict")
        assert (run.status, run.out) == (2, "")
        assert "there is no code 'ressource-conflict'; did you mean resource-conflict" in run.err

    def test_a_code_like_no_other(self, named_types: Command) -> None:
        run = named_types("explain", "%%%")
        assert run.status == 2
        assert all(code in run.err for code in CATALOGUE)


def test_version(named_types: Command) -> None:
    assert named_types("--version") == Run(0, "named-types 0.1.0\n", "")


@pytest.mark.parametrize("arguments", [["--help"], ["check", "--help"], ["explain", "resource-conflict"]])
def test_what_needs_no_checker_imports_none(arguments: list[str]) -> None:
    program = (
        "import sys\nfrom named_types.cli import main\ntry: main()\n"
        "finally: print(*sorted({'jax', 'libcst', 'mypy', 'numpy'} & sys.modules.keys()), file=sys.stderr)"
    )
    run = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True)
    assert (run.returncode, run.stderr.strip()) == (0, "")
