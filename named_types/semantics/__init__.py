"""What operations do to types.

Positional shapes, element types and weak types come from JAX itself, which traces the real function on
abstract values (`oracle`). Named shapes come from the jaxpr it traces to (`propagation`). Rules of our own are
the typing of xmap (`mapping`) and the named contraction (`contraction`).
"""
