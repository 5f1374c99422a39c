from __future__ import annotations

from dataclasses import dataclass

from named_types.algebra import ArrayType
from named_types.problems.problem import Problem


@dataclass(frozen=True)
class IncompatibleReturn(Problem):
    """A returned value that does not have the declared type.

    ## What it does
    Compares the array type of what a function returns with its return annotation. The named shape must match exactly:
    an axis that is reduced over is gone, one that is not is still there.

    ## Why is this bad?
    Callers rely on the declared type.

    ## Example
    ```python
    import named_types.runtime.numpy as jnp
    from named_types import f32

    def loss(errors: f32[(10,), {"batch": 20}]) -> f32[()]:
        return jnp.sum(errors, axis=0)  # error: [incompatible-return]
    ```

    ## Use instead
    ```python
    import named_types.runtime.numpy as jnp
    from named_types import f32

    def loss(errors: f32[(10,), {"batch": 20}]) -> f32[()]:
        return jnp.sum(errors, axis=(0, "batch"))
    ```
    """

    code = "incompatible-return"

    expected: ArrayType
    actual: ArrayType
    function: str

    @property
    def message(self) -> str:
        return f'"{self.function}" returns "{self.actual}", but is declared to return "{self.expected}"'
