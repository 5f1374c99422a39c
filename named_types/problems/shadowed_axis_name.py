from __future__ import annotations

from dataclasses import dataclass

from named_types.algebra import UNKNOWN_DIM, AxisName, Dim
from named_types.problems.problem import Problem


@dataclass(frozen=True)
class ShadowedAxisName(Problem):
    """A nested xmap or vmap introduces a name that is already in scope.

    ## What it does
    Compares the names that an `xmap`, or a `vmap` with `axis_name`, introduces with those of the ones around it.

    ## Why is this bad?
    Inside, one name would stand for two axes. A collective written for the outer one would silently use the inner one.

    ## Example
    ```python
    import named_types.runtime.numpy as jnp
    from named_types.runtime import xmap

    def outer(x):
        double = xmap(lambda y: 2 * y, in_axes=["i", ...], out_axes=["i", ...])
        return double(x)  # error: [shadowed-axis-name]

    xmap(outer, in_axes=["i", ...], out_axes=["i", ...])(jnp.ones((3, 4)))
    ```

    ## Use instead
    ```python
    import named_types.runtime.numpy as jnp
    from named_types.runtime import xmap

    def outer(x):
        double = xmap(lambda y: 2 * y, in_axes=["j", ...], out_axes=["j", ...])
        return double(x)

    xmap(outer, in_axes=["i", ...], out_axes=["i", ...])(jnp.ones((3, 4)))
    ```
    """

    code = "shadowed-axis-name"

    axis: AxisName
    inner: Dim
    outer: Dim

    @property
    def message(self) -> str:
        return (
            f"axis {self.axis!r} of {_size(self.inner)} is introduced "
            f"where another axis {self.axis!r} of {_size(self.outer)} is in scope"
        )

    @property
    def help(self) -> str:
        return "give the inner axis a name of its own"


def _size(dim: Dim) -> str:
    return "unknown size" if dim is UNKNOWN_DIM else f"size {dim}"
