"""Small tensors for tests."""

import gradviz.engine as torch


def leaf(*values: float) -> torch.Tensor:
    """A vector in float32 that requires grad."""
    return torch.tensor(values, dtype=torch.float32, requires_grad=True)
