from __future__ import annotations

from dataclasses import dataclass

from named_types.algebra import ArrayType
from named_types.problems.problem import Problem


@dataclass(frozen=True)
class IncompatibleAssignment(Problem):
    """A value that does not have the type its variable is annotated with.

    ## What it does
    Compares the array type of a value with the annotation of the variable it is assigned to. Shape and named shape must
    match; the order of names does not matter, and what is unknown matches everything.

    ## Why is this bad?
    Either the annotation or the computation is wrong, and every reader of the annotation is misled.

    ## Example
    ```python
    import named_types.runtime.numpy as jnp
    from named_types import f32

    x: f32[(2, 3)] = jnp.ones((2, 3))
    y: f32[(3, 5)] = jnp.ones((3, 5))
    z: f32[(5, 2)] = x.dot(y)  # error: [incompatible-assignment]
    ```

    ## Use instead
    ```python
    import named_types.runtime.numpy as jnp
    from named_types import f32

    x: f32[(2, 3)] = jnp.ones((2, 3))
    y: f32[(3, 5)] = jnp.ones((3, 5))
    z: f32[(2, 5)] = x.dot(y)
    ```
    """

    code = "incompatible-assignment"

    expected: ArrayType
    actual: ArrayType
    variable: str

    @property
    def message(self) -> str:
        return f'expression has type "{self.actual}", variable "{self.variable}" has type "{self.expected}"'
