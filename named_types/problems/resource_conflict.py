from __future__ import annotations

from dataclasses import dataclass

from named_types.algebra import ArrayType, AxisName
from named_types.algebra.axis_resources import Resource
from named_types.problems.problem import Problem, listed


@dataclass(frozen=True)
class ResourceConflict(Problem):
    """Two named axes mapped to one resource meet in the named shape of one value.

    ## What it does
    Looks at the named shape of every value of a mapped function, intermediates inside library functions and the
    broadcasts at `out_axes` included. Axes that are mapped to a common resource must never stand in one of them.

    ## Why is this bad?
    If `'a'` and `'b'` are both split over a mesh axis of two devices, a value that has both has four chunks, and only
    two devices to hold them. Where the axes stay in different values, sharing a resource is fine.

    ## Example
    ```python
    import jax
    import numpy as np
    import named_types.runtime.numpy as jnp
    from named_types import f32
    from named_types.runtime import mesh, xmap

    def sum_two_args(x: f32[(), {"a": 4}], y: f32[(), {"b": 12}]) -> f32[()]:
        return jnp.sum(x + y, axis=("a", "b"))  # error: [resource-conflict]

    total = xmap(
        sum_two_args, in_axes=(["a", ...], ["b", ...]), out_axes=[...], axis_resources={"a": "x", "b": "x"}
    )
    with mesh(np.array(jax.devices()[:4]), ("x",)):
        total(jnp.ones((4,)), jnp.ones((12,)))
    ```

    ## Use instead
    Reduce over the axes before the values meet, or map one of them to another resource.
    ```python
    import jax
    import numpy as np
    import named_types.runtime.numpy as jnp
    from named_types import f32
    from named_types.runtime import mesh, xmap

    def sum_two_args(x: f32[(), {"a": 4}], y: f32[(), {"b": 12}]) -> f32[()]:
        return jnp.sum(x, axis="a") + jnp.sum(y, axis="b")

    total = xmap(
        sum_two_args, in_axes=(["a", ...], ["b", ...]), out_axes=[...], axis_resources={"a": "x", "b": "x"}
    )
    with mesh(np.array(jax.devices()[:4]), ("x",)):
        total(jnp.ones((4,)), jnp.ones((12,)))
    ```
    """

    code = "resource-conflict"

    axes: tuple[AxisName, ...]
    resource: Resource
    value: ArrayType
    where: str | None = None
    """Which value, where it is not the one at the place: ``'logsumexp'``, ``'result[1]'``."""

    @property
    def message(self) -> str:
        both = "both" if len(self.axes) == 2 else "all"
        return (
            f"axes {listed([repr(axis) for axis in self.axes])} are {both} mapped to resource {self.resource!r} "
            f'but meet in one value of type "{self.value}"{f" in {self.where}" if self.where else ""}'
        )

    @property
    def help(self) -> str:
        names = " or ".join(repr(axis) for axis in self.axes)
        return f"reduce over {names} first, or map one of them to another resource"
