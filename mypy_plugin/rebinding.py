"""Names that are bound to arrays may be bound again to arrays of other types.

``h = relu(h @ w)`` is how array programs are written. A type that says the shape makes that a mismatch to mypy,
which gives a variable one type; it has an option, ``--allow-redefinition``, by which a variable without an
annotation has the type of what was assigned last. That is on wherever mypy checks code that computes with arrays.
"""

from __future__ import annotations

from mypy.checker import TypeChecker
from mypy.plugin import CheckerPluginInterface


def allow_rebinding(api: CheckerPluginInterface) -> None:
    """From here on in this module, unless the program asks for the older inference of partial types."""
    assert isinstance(api, TypeChecker)
    if api.options.local_partial_types and not api.options.allow_redefinition:
        api.options = api.options.apply_changes({"allow_redefinition": True})
        api.binder.bind_all = True
