from __future__ import annotations

from dataclasses import dataclass

from named_types.algebra import ArrayType, AxisName
from named_types.problems.problem import Problem, listed


@dataclass(frozen=True)
class LeakedNamedAxis(Problem):
    """A result still has a named axis that out_axes does not mention.

    ## What it does
    Compares the named shape of each result of an `xmap` with its axis mapping in `out_axes`. The axes of an enclosing
    `xmap` may stay; those that this one introduces must be mentioned or be gone.

    ## Why is this bad?
    Outside the `xmap` the name means nothing, so the axis would have no position to go to. A forgotten reduction shows
    here: a mean over positional axes leaves the named ones.

    ## Example
    ```python
    import named_types.runtime.numpy as jnp
    from named_types.runtime import xmap

    x = jnp.ones((20, 5))
    mean = xmap(jnp.mean, in_axes=["batch", ...], out_axes=[...])(x)  # error: [leaked-named-axis]
    ```

    ## Use instead
    ```python
    import named_types.runtime.numpy as jnp
    from named_types.runtime import xmap

    x = jnp.ones((20, 5))
    mean = xmap(lambda x: jnp.mean(x, axis=(0, "batch")), in_axes=["batch", ...], out_axes=[...])(x)
    means = xmap(jnp.mean, in_axes=["batch", ...], out_axes=["batch"])(x)
    ```
    """

    code = "leaked-named-axis"

    axes: tuple[AxisName, ...]
    value: ArrayType
    result: str
    """Which result: ``'the result'``, ``'result[1]'``."""

    @property
    def message(self) -> str:
        names = listed([repr(axis) for axis in self.axes])
        plural = "axes" if len(self.axes) > 1 else "axis"
        return f'{self.result} has type "{self.value}", but its out_axes does not mention {plural} {names}'

    @property
    def help(self) -> str:
        which, it = ("axes", "them") if len(self.axes) > 1 else ("axis", "it")
        return f"mention the {which} in out_axes, or reduce over {it} before returning"
