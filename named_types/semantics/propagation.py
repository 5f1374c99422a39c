"""Propagation: the named shape of every value of a jaxpr, as a transfer.

A function written without names in mind acts on each named axis as if vmapped over it, so almost every
primitive has one rule: the result has the axes of all its operands. Only primitives that mention axis
names, and the ones that hold further jaxprs, have a rule of their own; `_RULES` is the whole table, and the
analyzer, the plugin and the runtime all use it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import zip_longest
from typing import Any, TypeAlias

from jax.extend.core import ClosedJaxpr, Jaxpr, JaxprEqn, Literal

from named_types.semantics.transfers import NAMELESS, Names, axes, join, mentioned_names, remove

Visit: TypeAlias = Callable[[JaxprEqn, Sequence[Names], Sequence[Names]], None]
"""Called once for every equation, inner ones too, with the names of its operands and of its results."""


def propagate(
    jaxpr: Jaxpr, inputs: Sequence[Names], consts: Sequence[Names] = (), visit: Visit | None = None
) -> list[Names]:
    """The names of the results of ``jaxpr``, given those of its ``invars`` and ``constvars``."""
    names = propagate_variables(jaxpr, inputs, consts, visit)
    return [names_of(atom, names) for atom in jaxpr.outvars]


def propagate_variables(
    jaxpr: Jaxpr, inputs: Sequence[Names], consts: Sequence[Names] = (), visit: Visit | None = None
) -> dict[Any, Names]:
    """The names of all variables of ``jaxpr``, given those of its ``invars`` and ``constvars``.

    A constvar that ``consts`` does not reach has no names. An equation that touches a mutable reference may
    write to it anything it reads.
    """
    env: dict[Any, Names] = dict(zip(jaxpr.invars, inputs, strict=True))
    env.update(zip(jaxpr.constvars, consts, strict=False))
    for eqn in jaxpr.eqns:
        operands = [names_of(atom, env) for atom in eqn.invars]
        results = propagate_equation(eqn, operands, visit)
        references = [atom for atom in eqn.invars if _is_reference(atom)] if eqn.effects else ()
        if references:
            reached = join([*operands, *results])
            results = [reached] * len(results)
            env.update(dict.fromkeys(references, reached))
        if visit is not None:
            visit(eqn, operands, results)
        env.update(zip(eqn.outvars, results, strict=True))
    return env


def names_of(atom: Any, names: Mapping[Any, Names]) -> Names:
    """The names of a variable or literal, given those of the variables."""
    return NAMELESS if isinstance(atom, Literal) else names.get(atom, NAMELESS)


def propagate_equation(eqn: JaxprEqn, operands: Sequence[Names], visit: Visit | None = None) -> list[Names]:
    """The names of the results of one equation."""
    rule = _RULES.get(eqn.primitive.name, _propagate_call)
    return rule(eqn, operands, visit)


def called_jaxpr(eqn: JaxprEqn) -> Jaxpr | None:
    """The jaxpr that an equation stands for: that of jit, remat or a custom derivative. None for all others."""
    if not eqn.params or eqn.primitive.name in _RULES:
        return None
    for parameter in ("jaxpr", "call_jaxpr", "fun_jaxpr", "call"):
        held = eqn.params.get(parameter)
        inner = held.jaxpr if isinstance(held, ClosedJaxpr) else held
        if isinstance(inner, Jaxpr) and len(inner.invars) == len(eqn.invars) and len(inner.outvars) == len(eqn.outvars):
            return inner
    return None


def _is_reference(atom: Any) -> bool:
    """Whether a variable is a mutable reference (``jax.new_ref``)."""
    return hasattr(atom.aval, "inner_aval")


Rule: TypeAlias = Callable[[JaxprEqn, Sequence[Names], Visit | None], list[Names]]


def _propagate_union(eqn: JaxprEqn, operands: Sequence[Names], visit: Visit | None) -> list[Names]:
    return [join(operands)] * len(eqn.outvars)


def _propagate_each(eqn: JaxprEqn, operands: Sequence[Names], visit: Visit | None) -> list[Names]:
    return list(operands)


def _propagate_all_reduce(eqn: JaxprEqn, operands: Sequence[Names], visit: Visit | None) -> list[Names]:
    reduced = mentioned_names(eqn.params["axes"])
    if eqn.params.get("axis_index_groups") is not None:
        return [join([names, axes(reduced)]) for names in operands]
    return [remove(names, reduced) for names in operands]


def _propagate_all_gather(eqn: JaxprEqn, operands: Sequence[Names], visit: Visit | None) -> list[Names]:
    gathered = mentioned_names(eqn.params["axis_name"])
    if eqn.params.get("axis_index_groups") is not None:
        return [join([*operands, axes(gathered)])] * len(eqn.outvars)
    return [remove(join(operands), gathered)] * len(eqn.outvars)


def _propagate_scattered(eqn: JaxprEqn, operands: Sequence[Names], visit: Visit | None) -> list[Names]:
    return [join([*operands, axes(mentioned_names(eqn.params["axis_name"]))])] * len(eqn.outvars)


def _propagate_axis_index(eqn: JaxprEqn, operands: Sequence[Names], visit: Visit | None) -> list[Names]:
    return [axes(mentioned_names(eqn.params["axis_name"]))]


def _propagate_contraction(eqn: JaxprEqn, operands: Sequence[Names], visit: Visit | None) -> list[Names]:
    return [remove(join(operands), eqn.params["contraction"].contracted)]


def _propagate_scan(eqn: JaxprEqn, operands: Sequence[Names], visit: Visit | None) -> list[Names]:
    """Carries are a fixpoint: the body may add names to them."""
    body, num_consts, num_carry = eqn.params["jaxpr"].jaxpr, eqn.params["num_consts"], eqn.params["num_carry"]
    consts, xs = list(operands[:num_consts]), list(operands[num_consts + num_carry :])
    carry = list(operands[num_consts : num_consts + num_carry])
    while True:
        results = propagate(body, consts + carry + xs)
        grown = [join(pair) for pair in zip(carry, results[:num_carry], strict=True)]
        if grown == carry:
            break
        carry = grown
    if visit is not None:
        propagate(body, consts + carry + xs, visit=visit)
    return carry + results[num_carry:]


def _propagate_while(eqn: JaxprEqn, operands: Sequence[Names], visit: Visit | None) -> list[Names]:
    """As scan; and every carry gets the predicate's names, since each instance stops on its own."""
    condition, body = eqn.params["cond_jaxpr"].jaxpr, eqn.params["body_jaxpr"].jaxpr
    split = eqn.params["cond_nconsts"], eqn.params["cond_nconsts"] + eqn.params["body_nconsts"]
    condition_consts, body_consts = list(operands[: split[0]]), list(operands[split[0] : split[1]])
    carry = list(operands[split[1] :])
    while True:
        (predicate,) = propagate(condition, condition_consts + carry)
        results = propagate(body, body_consts + carry)
        grown = [join([before, after, predicate]) for before, after in zip(carry, results, strict=True)]
        if grown == carry:
            break
        carry = grown
    if visit is not None:
        propagate(condition, condition_consts + carry, visit=visit)
        propagate(body, body_consts + carry, visit=visit)
    return carry


def _propagate_cond(eqn: JaxprEqn, operands: Sequence[Names], visit: Visit | None) -> list[Names]:
    index, *arguments = operands
    branches = [propagate(branch.jaxpr, arguments, visit=visit) for branch in eqn.params["branches"]]
    return [join([index, *results]) for results in zip(*branches, strict=True)]


def _propagate_linear_solve(eqn: JaxprEqn, operands: Sequence[Names], visit: Visit | None) -> list[Names]:
    """Right sides are a fixpoint: the system and its solution mix their parts."""
    lengths = eqn.params["const_lengths"]
    starts = [sum(lengths[:index]) for index in range(len(lengths) + 1)]
    right = list(operands[starts[-1] :])

    def apply(index: int, vector: list[Names], visit: Visit | None = None) -> list[Names]:
        closed = eqn.params["jaxprs"][index]
        consts = list(operands[starts[index] : starts[index + 1]])
        return propagate(closed.jaxpr, consts + vector, visit=visit)

    def apply_transposed(index: int, vector: list[Names]) -> list[Names]:
        """With the operand's own names, part by part, as vmap has it; nothing where there is no transpose."""
        return [] if eqn.params["jaxprs"][index] is None else _join_each(vector, apply(index, vector))[: len(right)]

    matvec, vecmat, solve, transpose_solve = range(len(lengths))
    while True:
        solution = _join_each(apply(solve, right), apply_transposed(vecmat, right))
        unknowns = solution[: len(right)]
        grown = _join_each(right, apply(matvec, unknowns), apply_transposed(transpose_solve, unknowns))
        if grown == right:
            break
        right = grown
    if visit is not None:
        apply(solve, right, visit)
    return solution


def _join_each(*transfers: Sequence[Names]) -> list[Names]:
    """Joined entry by entry; sequences that are shorter add nothing to the rest."""
    return [join(entries) for entries in zip_longest(*transfers, fillvalue=NAMELESS)]


def _propagate_call(eqn: JaxprEqn, operands: Sequence[Names], visit: Visit | None) -> list[Names]:
    """jit, remat, custom derivatives: as the jaxpr they hold. All else: the union."""
    called = called_jaxpr(eqn)
    return _propagate_union(eqn, operands, visit) if called is None else propagate(called, operands, visit=visit)


def _propagate_stand_in(eqn: JaxprEqn, operands: Sequence[Names], visit: Visit | None) -> list[Names]:
    return [eqn.params["names"]]


def _propagate_shard_map(eqn: JaxprEqn, operands: Sequence[Names], visit: Visit | None) -> list[Names]:
    """As the jaxpr it holds; the mesh axes, which are names in there, end with it."""
    results = propagate(eqn.params["jaxpr"], operands, visit=visit)
    return [remove(names, eqn.params["newly_manual_axes"]) for names in results]


CONTRACTION = "named_contraction"
"""The name of the primitive of `pdot` and the named einsum (`named_types.semantics.contraction_primitive`)."""

STAND_IN, MET = "stand_in", "met"
"""The names of the primitives of `named_types.semantics.stand_in`; the second is one of many with the common rule."""

_RULES: dict[str, Rule] = {
    "psum": _propagate_all_reduce,
    "psum_invariant": _propagate_all_reduce,
    "pmax": _propagate_all_reduce,
    "pmin": _propagate_all_reduce,
    "all_gather": _propagate_all_gather,
    "all_gather_invariant": _propagate_all_gather,
    "reduce_scatter": _propagate_scattered,
    "all_to_all": _propagate_scattered,
    "ragged_all_to_all": _propagate_scattered,
    "ppermute": _propagate_scattered,
    "pgather": _propagate_scattered,
    "axis_index": _propagate_axis_index,
    CONTRACTION: _propagate_contraction,
    "scan": _propagate_scan,
    "while": _propagate_while,
    "cond": _propagate_cond,
    STAND_IN: _propagate_stand_in,
    "shard_map": _propagate_shard_map,
    "custom_linear_solve": _propagate_linear_solve,
    "optimization_barrier": _propagate_each,
    "pvary": _propagate_each,
}
