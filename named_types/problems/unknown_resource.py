from __future__ import annotations

from dataclasses import dataclass

from named_types.algebra import AxisName
from named_types.algebra.axis_resources import Resource
from named_types.problems.problem import Problem, in_scope


@dataclass(frozen=True)
class UnknownResource(Problem):
    """axis_resources names a resource that is not in scope when the function is called.

    ## What it does
    Looks up every resource of `axis_resources` among the axes of the meshes that are in scope where the mapped function
    is called. Serial loops need no scope.

    ## Why is this bad?
    Without a mesh there are no devices to spread the axis over.

    ## Example
    ```python
    import named_types.runtime.numpy as jnp
    from named_types.runtime import xmap

    double = xmap(lambda x: 2 * x, in_axes=["i", ...], out_axes=["i", ...], axis_resources={"i": "x"})
    double(jnp.ones((8,)))  # error: [unknown-resource]
    ```

    ## Use instead
    ```python
    import jax
    import numpy as np
    import named_types.runtime.numpy as jnp
    from named_types.runtime import mesh, xmap

    double = xmap(lambda x: 2 * x, in_axes=["i", ...], out_axes=["i", ...], axis_resources={"i": "x"})
    with mesh(np.array(jax.devices()[:4]), ("x",)):
        double(jnp.ones((8,)))
    ```
    """

    code = "unknown-resource"

    resource: Resource
    axis: AxisName
    in_scope: tuple[Resource, ...]
    is_taken: bool = False
    """Whether an enclosing xmap is spread over it: inside of that one it is in no scope."""

    @property
    def message(self) -> str:
        scope = in_scope(self.in_scope) or "no mesh is in scope"
        if self.is_taken:
            scope = "an enclosing xmap is spread over it"
        return f"axis {self.axis!r} is mapped to resource {self.resource!r}, but {scope}"

    @property
    def help(self) -> str:
        if self.is_taken:
            return f"map {self.axis!r} to a resource that no enclosing xmap is spread over"
        return f"call it in the scope of a mesh that has an axis {self.resource!r}"
