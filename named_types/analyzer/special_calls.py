"""Library callables that are no operation on arrays: transforms, meshes, and questions to the checker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import libcst as cst

from named_types.analyzer import resources
from named_types.analyzer.container_calls import CONTAINER_CALLS
from named_types.analyzer.control_flow import CONTROL_FLOW
from named_types.analyzer.data_classes import DATACLASS_CALLS
from named_types.analyzer.declared_shapes import DECLARED_SHAPES
from named_types.analyzer.object_builtins import OBJECT_BUILTINS
from named_types.analyzer.pytrees import PYTREE_CALLS
from named_types.analyzer.registered_classes import REGISTRATION_CALLS
from named_types.analyzer.shown import shown
from named_types.analyzer.transforms import make_custom_derivative, make_differentiated, make_vmapped
from named_types.analyzer.value_classes import VALUE_CLASS_CALLS
from named_types.analyzer.values import (
    EXPECTS_ERRORS,
    UNKNOWN,
    AbstractArray,
    Args,
    Awaitable,
    Kwargs,
    Library,
    Manager,
    Partial,
    TypeVariable,
    Value,
)
from named_types.analyzer.xmap import make_xmapped

if TYPE_CHECKING:
    from named_types.analyzer.interpreter import Interpreter


def _partial(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    return Partial(args[0], tuple(args[1:]), dict(kwargs)) if args else UNKNOWN


def _same_function(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    """A transform that leaves what a function computes as it is; without a function, a decorator that does."""
    if args:
        return args[0] if not isinstance(args[0], int) else Library("jax.jit")
    return next((kwargs[name] for name in ("fun", "f") if name in kwargs), Library("jax.jit"))


def _decorator(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    """``functools.wraps(f)``: a decorator that leaves what it decorates as it is."""
    return Library("jax.jit")


def _explain(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    """``explain(mapped, *arguments)``: the function is traced as where it is called."""
    if args:
        interp.call(args[0], args[1:], kwargs, node)
    return UNKNOWN


def _manager(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    """``contextlib.contextmanager(f)``."""
    return Manager(args[0])


def _same_value(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    """``asyncio.create_task(f(x))``: awaiting it gives what awaiting its argument gives."""
    return args[0]


def _awaited(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    """``asyncio.run(f(x))``."""
    return args[0].value if isinstance(args[0], Awaitable) else UNKNOWN


def _gathered(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    """``asyncio.gather(f(x), g(x))``."""
    return Awaitable([one.value if isinstance(one, Awaitable) else UNKNOWN for one in args])


def _no_context(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    """A context manager that changes nothing the checker knows of."""
    return None


def _named_shape(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    """``named_shape(x)`` inside a mapped function: a dict, sizes that are not numbers unknown."""
    if len(args) != 1 or not isinstance(args[0], AbstractArray) or args[0].type.named_shape is None:
        return UNKNOWN
    return {axis: size if isinstance(size, int) else UNKNOWN for axis, size in args[0].type.named_shape.items()}


def _configure(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    """``jax.config.update('jax_enable_x64', True)``: the settings that bear on types and sizes."""
    match args:
        case "jax_enable_x64", bool(enabled):
            interp.program.settings = replace(interp.program.settings, enable_x64=enabled)
        case "jax_num_cpu_devices", count:
            resources.set_device_count(interp, count if isinstance(count, int) else None)
    return None


def _reveal_type(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    if len(args) != 1:
        return UNKNOWN
    interp.reveal(shown(args[0]), node)
    return args[0]


_CONTEXTS = (
    "contextlib.nullcontext",
    "contextlib.redirect_stdout",
    "jax.checking_leaks",
    "jax.debug_infs",
    "jax.debug_nans",
    "jax.default_device",
    "jax.default_matmul_precision",
    "jax.disable_jit",
    "jax.ensure_compile_time_eval",
    "jax.log_compiles",
    "jax.named_scope",
    "jax.numpy_rank_promotion",
    "jax.profiler.StepTraceAnnotation",
    "jax.profiler.TraceAnnotation",
    "jax.profiler.trace",
    "jax.transfer_guard",
    "numpy.errstate",
    "numpy.printoptions",
    "warnings.catch_warnings",
)

SPECIAL_CALLS: dict[str, Callable[[Any, Args, Kwargs, cst.CSTNode], Value]] = {
    **CONTAINER_CALLS,
    **CONTROL_FLOW,
    **DECLARED_SHAPES,
    **DATACLASS_CALLS,
    **REGISTRATION_CALLS,
    **VALUE_CLASS_CALLS,
    "abc.abstractmethod": _same_function,
    "builtins.object.__init__": lambda interp, args, kwargs, node: None,
    "builtins.object.__setattr__": OBJECT_BUILTINS["setattr"],
    **PYTREE_CALLS,
    **resources.REARRANGING,
    "builtins.reveal_type": _reveal_type,
    "asyncio.create_task": _same_value,
    "asyncio.gather": _gathered,
    "asyncio.run": _awaited,
    "asyncio.wait_for": _same_value,
    "contextlib.contextmanager": _manager,
    "contextlib.suppress": lambda interp, args, kwargs, node: EXPECTS_ERRORS[0],
    "functools.cached_property": OBJECT_BUILTINS["property"],
    "functools.partial": _partial,
    "functools.cache": _same_function,
    "functools.lru_cache": _same_function,
    "functools.wraps": _decorator,
    "jax.checkpoint": _same_function,
    "jax.config.update": _configure,
    "jax.custom_jvp": make_custom_derivative("jax.custom_jvp"),
    "jax.custom_vjp": make_custom_derivative("jax.custom_vjp"),
    "jax.device_put": _same_function,
    "jax.device_count": resources.device_count,
    "jax.devices": resources.devices,
    "jax.experimental.mesh_utils.create_device_mesh": resources.device_mesh,
    "jax.grad": make_differentiated(has_value=False),
    "jax.jit": _same_function,
    "jax.local_device_count": resources.device_count,
    "jax.local_devices": resources.devices,
    "jax.make_mesh": resources.make_mesh,
    "jax.set_mesh": resources.set_mesh,
    "jax.sharding.Mesh": resources.mesh,
    "jax.sharding.set_mesh": resources.set_mesh,
    "jax.remat": _same_function,
    "jax.value_and_grad": make_differentiated(has_value=True),
    "jax.named_call": _same_function,
    "jax.vmap": make_vmapped,
    **dict.fromkeys(_CONTEXTS, _no_context),
    "named_types.runtime.Mesh": resources.mesh,
    "named_types.runtime.SerialLoop": resources.anonymous_loop,
    "named_types.runtime.mesh": resources.mesh,
    "named_types.runtime.explain": _explain,
    "named_types.runtime.named_shape": _named_shape,
    "named_types.runtime.serial_loop": resources.serial_loop,
    "named_types.runtime.xmap": make_xmapped,
    "os.environ.setdefault": resources.set_default_variable,
    "numpy.array": resources.numpy_array,
    "numpy.asarray": resources.numpy_array,
    "numpy.reshape": resources.numpy_reshape,
    "pytest.raises": lambda interp, args, kwargs, node: EXPECTS_ERRORS[1],
    "typing.final": _same_function,
    "typing.override": _same_function,
    "typing.TypeVar": lambda interp, args, kwargs, node: TypeVariable(),
    "typing.cast": lambda interp, args, kwargs, node: UNKNOWN,
    "typing.reveal_type": _reveal_type,
}
