from __future__ import annotations

from dataclasses import dataclass

from named_types.problems.problem import Problem


@dataclass(frozen=True)
class RemovedApi(Problem):
    """A name that JAX has removed and something else provides.

    ## What it does
    Finds imports and uses of `jax.experimental.maps` and of the named-axis functions that went with it, such as
    `lax.pdot`, which `named_types.runtime` provides, and of names that have another name today, such as
    `jax.tree_map`.

    ## Why is this bad?
    On a current JAX the import or the use raises an error.

    ## Example
    ```python
    from jax.experimental.maps import xmap  # error: [removed-api]
    ```

    ## Use instead
    ```python
    from named_types.runtime import xmap
    ```
    """

    code = "removed-api"

    name: str
    replacement: str

    @property
    def message(self) -> str:
        return f"{self.name} was removed from JAX"

    @property
    def help(self) -> str:
        return f"use {self.replacement}"
