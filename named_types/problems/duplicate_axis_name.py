from __future__ import annotations

from dataclasses import dataclass

from named_types.algebra import AxisName
from named_types.problems.problem import Problem


@dataclass(frozen=True)
class DuplicateAxisName(Problem):
    """One axis name twice in one named shape.

    ## What it does
    Finds a name that is written twice in the named shape of an annotation.

    ## Why is this bad?
    An array has one axis of each name. Python keeps the last entry of such a dict and says nothing, so the annotation
    does not mean what it says.

    ## Example
    ```python
    import named_types.runtime.numpy as jnp
    from named_types import f32

    def total(x: f32[(), {"a": 2, "a": 3}]) -> f32[()]:  # error: [duplicate-axis-name]
        return jnp.sum(x, axis="a")
    ```

    ## Use instead
    ```python
    import named_types.runtime.numpy as jnp
    from named_types import f32

    def total(x: f32[(), {"a": 2, "b": 3}]) -> f32[()]:
        return jnp.sum(x, axis=("a", "b"))
    ```
    """

    code = "duplicate-axis-name"

    axis: AxisName
    where: str

    @property
    def message(self) -> str:
        return f"axis {self.axis!r} appears twice in {self.where}"
