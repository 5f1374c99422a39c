from __future__ import annotations

from dataclasses import dataclass

from named_types.problems.problem import Problem
from named_types.problems.written_operation import written


@dataclass(frozen=True)
class InvalidOperation(Problem):
    """A call that JAX itself rejects.

    ## What it does
    Evaluates calls of JAX and NumPy functions on abstract values: types go in, types or an error come out, and nothing
    is computed. What JAX itself says stands in a note.

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
    """The dotted path of what is called; words with ``{}`` for what is no call."""
    arguments: tuple[str, ...]
    reason: str = ""
    """Why it cannot be, with both sides; empty where the operation and its arguments have to speak for themselves."""
    said: str | None = None
    """What JAX says."""
    advice: str | None = None

    @property
    def message(self) -> str:
        because = f": {self.reason}" if self.reason else ""
        return f"cannot compute {written(self.operation, self.arguments)}{because}"

    @property
    def help(self) -> str | None:
        return self.advice

    @property
    def note(self) -> str | None:
        return None if self.said is None else f"JAX says: {self.said}"
