from __future__ import annotations

from dataclasses import dataclass

from named_types.problems.problem import Problem


@dataclass(frozen=True)
class UnreadableFile(Problem):
    """A file that cannot be read as Python source.

    ## What it does
    Tells which files could not be opened or decoded: they are missing, may not be read, or hold bytes that are no text
    in their encoding. The other files are still checked.

    ## Why is this bad?
    Nothing in the file was checked.

    ## Example
    ```console
    $ named-types check weights.npy
    weights.npy:1:1: error[unreadable-file]: the file cannot be read: it is binary: it contains a null byte
    ```

    ## Use instead
    Save the source in UTF-8, or name its encoding in a coding comment. Files that are no Python are left out where a
    directory is checked.
    ```console
    $ named-types check .
    ```
    """

    code = "unreadable-file"

    reason: str

    @property
    def message(self) -> str:
        return f"the file cannot be read: {self.reason}"
