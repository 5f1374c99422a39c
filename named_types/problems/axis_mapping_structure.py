from __future__ import annotations

from dataclasses import dataclass

from named_types.problems.problem import Problem


@dataclass(frozen=True)
class AxisMappingStructure(Problem):
    """in_axes or out_axes that do not have the structure of the arguments or results.

    ## What it does
    Compares the structure of `in_axes` with the arguments of the mapped function, and that of `out_axes` with its
    results. Both are pytree prefixes: one axis mapping may stand for a whole subtree, but where they branch, they
    must branch as the value does.

    ## Why is this bad?
    `xmap` could not tell which array an axis mapping belongs to, so the call fails.

    ## Example
    ```python
    import named_types.runtime.numpy as jnp
    from named_types.runtime import xmap

    add = xmap(lambda x, y: x + y, in_axes=(["i", ...],), out_axes=["i", ...])
    add(jnp.ones(3), jnp.ones(3))  # error: [axis-mapping-structure]
    ```

    ## Use instead
    ```python
    import named_types.runtime.numpy as jnp
    from named_types.runtime import xmap

    add = xmap(lambda x, y: x + y, in_axes=(["i", ...], ["i", ...]), out_axes=["i", ...])
    add(jnp.ones(3), jnp.ones(3))
    ```
    """

    code = "axis-mapping-structure"

    argument: str
    reason: str

    @property
    def message(self) -> str:
        return f"{self.argument} does not fit: {self.reason}"
