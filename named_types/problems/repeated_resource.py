from __future__ import annotations

from dataclasses import dataclass

from named_types.algebra import AxisName
from named_types.algebra.axis_resources import Resource
from named_types.problems.problem import Problem


@dataclass(frozen=True)
class RepeatedResource(Problem):
    """One axis mapped to one resource twice.

    ## What it does
    Finds a resource that stands twice in one entry of `axis_resources`.

    ## Why is this bad?
    An axis can be spread over a mesh axis once: the chunks of the second time would have no devices to go to.

    ## Example
    ```python
    from named_types.runtime import xmap

    axes = ["i", ...]
    double = xmap(lambda x: 2 * x, axes, axes, axis_resources={"i": ("x", "x")})  # error: [repeated-resource]
    ```

    ## Use instead
    ```python
    from named_types.runtime import xmap

    axes = ["i", ...]
    double = xmap(lambda x: 2 * x, axes, axes, axis_resources={"i": ("x", "y")})
    ```
    """

    code = "repeated-resource"

    resource: Resource
    axis: AxisName

    @property
    def message(self) -> str:
        return f"axis {self.axis!r} is mapped to resource {self.resource!r} twice"
