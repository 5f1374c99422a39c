"""Resources in scope: the mesh axes and serial loops that axis_resources may mention.

A mesh comes into scope by `mesh`, by ``with Mesh(...)`` or by ``jax.set_mesh``, a loop by `serial_loop`. Each of
them is part of the key under which jax.jit remembers a traced function, so a mapped function is traced anew in
another scope.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
from jax.sharding import Mesh

from named_types.algebra.axis_resources import LoopOf, Resource, invalid_length, invalid_resource
from named_types.runtime.internals import context_meshes
from named_types.runtime.serial_loops import Loop


@dataclass(frozen=True)
class Scope:
    """The resources in scope: a mesh, if there is one, and the lengths of serial loops by name."""

    mesh: Mesh | None = None
    loops: tuple[tuple[Resource, int], ...] = ()
    taken: frozenset[Resource] = frozenset()
    """The resources that enclosing mapped functions are spread over."""

    @property
    def mesh_shape(self) -> Mapping[str, int]:
        """The free axes of the mesh, and their sizes."""
        shape = {} if self.mesh is None else self.mesh.shape
        return {axis: size for axis, size in shape.items() if axis not in self.taken}

    @property
    def sizes(self) -> dict[Resource, int]:
        """The size of each free resource that has a name."""
        loops = {loop: length for loop, length in self.loops if loop not in self.taken}
        return dict([*self.mesh_shape.items(), *loops.items()])

    def loop(self, resource: Resource) -> Loop | None:
        """The serial loop that a resource is; None for a mesh axis."""
        if isinstance(resource, LoopOf):
            return Loop(resource, resource.loop.length)
        length = dict(self.loops).get(resource)
        return None if length is None else Loop(resource, length)


_scoped_mesh = jax.make_user_context(default_value=None)
_scoped_loops = jax.make_user_context(default_value=())
_taken = jax.make_user_context(default_value=frozenset())


@contextmanager
def mesh(devices: np.ndarray[Any, Any] | Sequence[Any], axis_names: Sequence[str] | str) -> Iterator[Mesh]:
    """Bring a mesh's axis names into scope as resources.

    ``devices`` is an array of devices with as many axes as there are ``axis_names``::

        with mesh(np.array(jax.devices()).reshape((4, 2)), ("x", "y")):
            mapped(x)
    """
    names = (axis_names,) if isinstance(axis_names, str) else tuple(axis_names)
    made = _make_mesh(np.asarray(devices), names)
    with _scoped_mesh(made):
        yield made


@contextmanager
def serial_loop(name: Resource, length: int) -> Iterator[None]:
    """Bring a serial loop of ``length`` steps into scope, as a resource called ``name``::

        with serial_loop("steps", 4):
            xmap(f, ["i"], ["i"], axis_resources={"i": "steps"})(x)

    Axes that are mapped to one named loop are cut together, and may not meet in one value.
    """
    wrong = invalid_resource(name) or invalid_length(length)
    if wrong is not None:
        raise ValueError(wrong)
    with _scoped_loops((*_scoped_loops.value, (name, length))):
        yield


def _make_mesh(devices: np.ndarray[Any, Any], names: tuple[str, ...]) -> Mesh:
    """A mesh, if there can be one: what JAX takes unseen fails later, or brings the process down."""
    if devices.ndim != len(names):
        raise ValueError(f"a mesh has one name for each axis of its devices: not {names} for shape {devices.shape}")
    if len(set(names)) < len(names):
        raise ValueError(f"the axes of a mesh have different names, not {names}")
    if not devices.size:
        raise ValueError(f"a mesh has at least one device: {names} for devices of shape {devices.shape}")
    strangers = [one for one in devices.flat if not isinstance(one, jax.Device)]
    if strangers:
        raise TypeError(f"the devices of a mesh are those of jax.devices(), not {strangers[0]!r}")
    if len(set(devices.flat)) < devices.size:
        raise ValueError(f"a device stands in a mesh once: {len(set(devices.flat))} devices for {devices.size} places")
    return Mesh(devices, names)


def current_scope() -> Scope:
    """All resources in scope. A loop hides a mesh axis of the same name."""
    return Scope(_current_mesh(), _scoped_loops.value, _taken.value)


def taking(resources: Iterable[Resource]) -> AbstractContextManager[None]:
    """Inside, mapped functions cannot be spread over these: they are nested in one that is."""
    taken: AbstractContextManager[None] = _taken(_taken.value.union(resources))
    return taken


def _current_mesh() -> Mesh | None:
    """The mesh in scope: that of `mesh`, else that of ``with Mesh(...)``, else that of ``jax.set_mesh``.

    How its axes are typed is of no concern where `axis_resources` tells how values are spread.
    """
    candidates = (_scoped_mesh.value, *context_meshes())
    found = next((one for one in candidates if one is not None and not one.empty), None)
    return None if found is None else Mesh(found.devices, found.axis_names)
