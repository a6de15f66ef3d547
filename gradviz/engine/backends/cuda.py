"""torch.backends.cuda."""

from gradviz.engine.cuda import is_available as is_built

__all__ = ["is_built"]
