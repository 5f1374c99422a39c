from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from named_types.algebra import ArrayType, AxisName
from named_types.problems.problem import Problem, Severity, listed


@dataclass(frozen=True)
class UnreducedGradient(Problem):
    """A gradient with an axis over which the loss was reduced, and which the parameter does not have.

    ## What it does
    Finds `jax.grad` and `jax.value_and_grad` inside a mapped function, of a function that reduces over a named axis,
    by a value without that axis. Reported where the mapped function ends, if nothing in it has reduced the axis since.

    ## Why is this bad?
    The loss is the same for all instances, and so is the parameter; the gradient is not. Each instance holds what its
    own part of the loss gives, for a collective is transposed to a collective: it sums over the instances of the loss,
    not over those of the parameter. An update with it is another one in each instance.

    ## Example
    ```python
    import jax
    import jax.numpy as jnp
    from named_types.runtime import xmap

    def loss(w, x):
        return jax.lax.pmean((w * x) ** 2, "batch")

    def step(w, x):
        return w - 0.1 * jax.grad(loss)(w, x)  # warning: [unreduced-gradient]

    xmap(step, in_axes=({}, ["batch"]), out_axes=["batch"])(jnp.float32(1), jnp.arange(4.0))
    ```

    ## Use instead
    ```python
    import jax
    import jax.numpy as jnp
    from named_types.runtime import xmap

    def loss(w, x):
        return jax.lax.pmean((w * x) ** 2, "batch")

    def step(w, x):
        return w - 0.1 * jax.lax.pmean(jax.grad(loss)(w, x), "batch")

    xmap(step, in_axes=({}, ["batch"]), out_axes={})(jnp.float32(1), jnp.arange(4.0))
    ```

    ## When to suppress
    Where the gradients are reduced after the mapped function.
    """

    code = "unreduced-gradient"
    severity: ClassVar[Severity] = "warning"

    axes: tuple[AxisName, ...]
    parameter: ArrayType
    gradient: ArrayType

    @property
    def message(self) -> str:
        over = listed([repr(axis) for axis in self.axes])
        return f'the loss is reduced over {over}, its gradient by "{self.parameter}" is not: "{self.gradient}"'

    @property
    def help(self) -> str:
        axis = repr(self.axes[0]) if len(self.axes) == 1 else repr(self.axes)
        return f"take the mean of the gradients too: jax.lax.pmean(gradient, {axis})"
