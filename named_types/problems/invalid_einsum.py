from __future__ import annotations

from dataclasses import dataclass

from named_types.problems.problem import Problem


@dataclass(frozen=True)
class InvalidEinsum(Problem):
    """An einsum specification that cannot be read, or does not fit its operands.

    ## What it does
    Reads specifications with named axes, such as `'n{b,k},{k,m}->n{b,m}'`: each letter is a positional axis, the names
    in braces are named axes in any order. Each operand must have as many positional axes as its letters, and the result
    mentions only what some operand mentions. With named axes, the result must be written out.

    ## Why is this bad?
    The contraction has no meaning, and the call raises an error.

    ## Example
    ```python
    import named_types.runtime.numpy as jnp
    from named_types import f32
    from named_types.runtime import xmap

    def contract(x: f32[(4,), {"k": 3}], y: f32[(), {"k": 3}]) -> f32[(4,)]:
        return jnp.einsum("nm{k},{k}->n", x, y)  # error: [invalid-einsum]

    xmap(contract, in_axes=({1: "k"}, {0: "k"}), out_axes=[...])(jnp.ones((4, 3)), jnp.ones((3,)))
    ```

    ## Use instead
    ```python
    import named_types.runtime.numpy as jnp
    from named_types import f32
    from named_types.runtime import xmap

    def contract(x: f32[(4,), {"k": 3}], y: f32[(), {"k": 3}]) -> f32[(4,)]:
        return jnp.einsum("n{k},{k}->n", x, y)

    xmap(contract, in_axes=({1: "k"}, {0: "k"}), out_axes=[...])(jnp.ones((4, 3)), jnp.ones((3,)))
    ```
    """

    code = "invalid-einsum"

    specification: str
    reason: str

    @property
    def message(self) -> str:
        return f"einsum {self.specification!r}: {self.reason}"
