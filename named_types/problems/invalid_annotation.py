from __future__ import annotations

from dataclasses import dataclass

from named_types.problems.problem import Problem


@dataclass(frozen=True)
class InvalidAnnotation(Problem):
    """An annotation that uses the notation wrongly.

    ## What it does
    Reads every annotation that starts with `f32`, `i32`, `floating` and the like. In brackets stand the shape and,
    after a comma, the named shape. A size is an int that is not negative, or a string: integer arithmetic over names
    (`'n'`, `'2*n+1'`), or `'_'` for unknown. `...` stands for any leading axes or for an unknown named shape.

    ## Why is this bad?
    The annotation says nothing that could be checked, and evaluating it raises `NotationError`.

    ## Example
    ```python
    import named_types.runtime.numpy as jnp
    from named_types import f32

    x: f32[(2, -1)] = jnp.ones((2, 3))  # error: [invalid-annotation]
    ```

    ## Use instead
    ```python
    import named_types.runtime.numpy as jnp
    from named_types import f32

    x: f32[(2, "_")] = jnp.ones((2, 3))
    ```
    """

    code = "invalid-annotation"

    annotation: str
    reason: str

    @property
    def message(self) -> str:
        return f"invalid array type `{self.annotation}`: {self.reason}"
