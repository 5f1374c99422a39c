from __future__ import annotations

from dataclasses import dataclass
from math import prod

from named_types.algebra import AxisName
from named_types.algebra.axis_resources import Resource
from named_types.problems.problem import Problem, listed


@dataclass(frozen=True)
class IndivisibleAxis(Problem):
    """The size of a named axis is not divisible by the size of its resources.

    ## What it does
    Compares the size of each named axis with the sizes of the mesh axes and serial loops that `axis_resources` maps it
    to. Several resources of one axis count as their product.

    ## Why is this bad?
    Every device, and every step of a loop, gets a chunk of the axis, and all chunks have one size.

    ## Example
    ```python
    import jax
    import numpy as np
    import named_types.runtime.numpy as jnp
    from named_types.runtime import mesh, xmap

    double = xmap(lambda x: 2 * x, in_axes=["i", ...], out_axes=["i", ...], axis_resources={"i": "x"})
    with mesh(np.array(jax.devices()).reshape((4, 2)), ("x", "y")):
        double(jnp.arange(10))  # error: [indivisible-axis]
    ```

    ## Use instead
    ```python
    import jax
    import numpy as np
    import named_types.runtime.numpy as jnp
    from named_types.runtime import mesh, xmap

    double = xmap(lambda x: 2 * x, in_axes=["i", ...], out_axes=["i", ...], axis_resources={"i": "x"})
    with mesh(np.array(jax.devices()).reshape((4, 2)), ("x", "y")):
        double(jnp.arange(12))
    ```
    """

    code = "indivisible-axis"

    axis: AxisName
    size: int
    resources: tuple[tuple[Resource, int], ...]

    @property
    def message(self) -> str:
        total = prod(length for _, length in self.resources)
        mapped = listed([f"{resource!r} (size {length})" for resource, length in self.resources])
        return f"axis {self.axis!r} of size {self.size} is mapped to {mapped}: {self.size} is not divisible by {total}"
