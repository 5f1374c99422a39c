"""`jax.scipy.special`, whose sums over exponentials take named axes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jax.scipy import special as special_of_jax

from named_types.runtime.behind import falling_through
from named_types.runtime.named_functions import Does, by_collectives
from named_types.runtime.nn import logsumexp as logsumexp

log_softmax = by_collectives(special_of_jax.log_softmax, Does.KEEPS)
softmax = by_collectives(special_of_jax.softmax, Does.KEEPS)


if TYPE_CHECKING:
    from jax.scipy.special import *  # noqa: F403
else:
    __getattr__, __dir__ = falling_through(globals(), special_of_jax)
