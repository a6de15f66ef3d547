"""torch.amp: mixed precision, for programs that ask for it.

This engine computes every operation in its operands' own dtype: inside `autocast`, too.
Source: https://docs.pytorch.org/docs/stable/amp.html
"""

from gradviz.engine.amp.autocast_mode import autocast, is_autocast_enabled
from gradviz.engine.amp.grad_scaler import GradScaler

__all__ = ["GradScaler", "autocast", "is_autocast_enabled"]
