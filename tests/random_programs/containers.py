"""Arguments and results in pytrees, and axis mappings as prefixes of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from random_programs.drafts import Draft
from random_programs.mappings import Layout, draw_mapping
from random_programs.vocabulary import Pair


@dataclass(frozen=True)
class Container:
    """A pytree of entries: how it is written, how it is built, and how its parts are read."""

    written: Callable[[Sequence[str]], str]
    build: Callable[[Sequence[Any]], Any]
    part: Callable[[str, int], str]
    sizes: Sequence[int] = (1, 2, 3)


CONTAINERS = [
    Container(lambda parts: f"[{', '.join(parts)}]", list, lambda name, index: f"{name}[{index}]"),
    Container(lambda parts: f"({', '.join(parts)},)", tuple, lambda name, index: f"{name}[{index}]"),
    Container(
        lambda parts: "{" + ", ".join(f"'k{index}': {part}" for index, part in enumerate(parts)) + "}",
        lambda parts: {f"k{index}": part for index, part in enumerate(parts)},
        lambda name, index: f"{name}['k{index}']",
    ),
    Container(
        lambda parts: f"Pair({', '.join(parts)})",
        lambda parts: Pair(*parts),
        lambda name, index: f"{name}.{('left', 'right')[index]}",
        sizes=(2,),
    ),
]


def draw_signature(draft: Draft, layouts: Sequence[Layout], spelling: Mapping[str, str]) -> Any:
    """Parameters, how they are unpacked into values, in_axes, and how inputs are packed into arguments."""
    groups, start = [], 0
    while start < len(layouts):
        length = draft.draw(st.integers(1, len(layouts) - start))
        container = draft.choose([one for one in CONTAINERS if length in one.sizes] or CONTAINERS[:1])
        plain = length == 1 and draft.flip()
        groups.append((range(start, start + length), None if plain else container))
        start += length
    params, unpacking, in_axes = [], [], []
    for group, container in groups:
        mappings = [draw_mapping(draft, layouts[index], spelling) for index in group]
        if container is None:
            params.append(f"v{group[0]}")
            in_axes.append(mappings[0])
            continue
        params.append(f"p{group[0]}")
        unpacking += [f"v{index} = {container.part(params[-1], index - group[0])}" for index in group]
        shared = len({layouts[index] for index in group}) == 1 and draft.flip()
        in_axes.append(mappings[0] if shared else container.written(mappings))

    def pack(inputs: Sequence[Any]) -> list[Any]:
        return [
            inputs[group[0]] if container is None else container.build([inputs[index] for index in group])
            for group, container in groups
        ]

    whole = f"({', '.join(in_axes)},)"
    if len(set(layouts)) == 1 and draft.flip():
        whole = draw_mapping(draft, layouts[0], spelling)
    return params, unpacking, whole, pack


def draw_results(
    draft: Draft, results: Sequence[int], layouts: Sequence[Layout], spelling: Mapping[str, str]
) -> tuple[str, str]:
    """What the function returns, and out_axes."""
    mappings = [draw_mapping(draft, layout, spelling) for layout in layouts]
    values = [f"v{index}" for index in results]
    if len(values) == 1 and draft.flip():
        return values[0], mappings[0]
    container = draft.choose([one for one in CONTAINERS if len(values) in one.sizes])
    if len(set(layouts)) == 1 and draft.flip():
        return container.written(values), mappings[0]
    return container.written(values), container.written(mappings)
