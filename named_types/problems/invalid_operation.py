from __future__ import annotations

from dataclasses import dataclass

from named_types.problems.problem import Problem


@dataclass(frozen=True)
class InvalidOperation(Problem):
    """A call that JAX itself rejects.

    ## What it does
    Evaluates calls of JAX and NumPy functions on abstract values: types go in, types or an error come out, and nothing
    is computed. The reason in the message is JAX's own.

    ## Why is this bad?
    The call raises this error as soon as it runs or is traced.

    ## Example
    ```python
    import named_types.runtime.numpy as jnp

    x = jnp.ones((2, 3))
    y = jnp.ones((4, 5))
    z = jnp.dot(x, y)  # error: [invalid-operation]
    ```

    ## Use instead
    ```python
    import named_types.runtime.numpy as jnp

    x = jnp.ones((2, 3))
    y = jnp.ones((3, 5))
    z = jnp.dot(x, y)
    ```
    """

    code = "invalid-operation"

    operation: str
    arguments: tuple[str, ...]
    reason: str
    """JAX's own first line."""

    @property
    def message(self) -> str:
        return f"{self.operation} does not accept ({', '.join(self.arguments)}): {self.reason}"
