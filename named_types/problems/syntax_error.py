from __future__ import annotations

from dataclasses import dataclass

from named_types.problems.problem import Problem


@dataclass(frozen=True)
class SyntaxProblem(Problem):
    """A file that is not Python.

    ## What it does
    Tells where a file could not be parsed. The other files are still checked.

    ## Why is this bad?
    Nothing in the file was checked, and Python cannot run it.

    ## Example
    ```python
    axis = = "batch"  # error: [syntax-error]
    ```

    ## Use instead
    ```python
    axis = "batch"
    ```
    """

    code = "syntax-error"

    reason: str

    @property
    def message(self) -> str:
        return f"the file cannot be parsed: {self.reason}"
