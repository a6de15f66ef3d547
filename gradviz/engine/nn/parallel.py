"""torch.nn.parallel, for programs that ask: a module runs on the one device that there is."""

from __future__ import annotations

from typing import Any

from gradviz.engine.nn.modules.module import Module


class DataParallel(Module):
    """Calls `module`, whatever devices are named."""

    def __init__(
        self, module: Module, device_ids: Any = None, output_device: Any = None, dim: int = 0
    ) -> None:
        super().__init__()
        self.module = module

    def forward(self, *inputs: Any, **kwargs: Any) -> Any:
        return self.module(*inputs, **kwargs)
