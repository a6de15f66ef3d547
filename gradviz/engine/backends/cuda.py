"""torch.backends.cuda."""

from types import SimpleNamespace

from gradviz.engine.cuda import is_available as is_built

matmul = SimpleNamespace(allow_tf32=False, allow_fp16_reduced_precision_reduction=False)

__all__ = ["is_built", "matmul"]
