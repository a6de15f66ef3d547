"""CuPy itself, where it is installed, and a real GPU where there is one (`pytest -m gpu`).

All of the engine's tests run on the GPU with `pytest tests/engine --device cuda`.
"""

from __future__ import annotations

import inspect
from types import ModuleType

import numpy as np
import pytest

import gradviz.engine as torch
from gradviz.engine import nn
from tests.engine import stand_in_cupy

pytestmark = pytest.mark.gpu


@pytest.fixture
def cupy() -> ModuleType:
    """CuPy itself: the stand-in for it has no version."""
    return pytest.importorskip("cupy", minversion="13")


@pytest.fixture
def gpu(cupy: ModuleType) -> None:
    if not cupy.is_available():
        pytest.skip("there is no GPU that CuPy can use")


def test_the_stand_in_lacks_what_cupy_lacks(cupy) -> None:
    assert not [name for name in stand_in_cupy.MISSING if hasattr(cupy, name)]
    assert not [name for name in stand_in_cupy.MISSING_IN_LINALG if hasattr(cupy.linalg, name)]
    assert not [name for name in stand_in_cupy.METHODS if not hasattr(cupy.ndarray, name)]
    for keyword, names in stand_in_cupy.MISSING_KEYWORDS.items():
        for name in names:
            assert keyword not in inspect.signature(getattr(cupy, name)).parameters, (name, keyword)


def test_tensors_take_memory_on_the_gpu(gpu) -> None:
    before = torch.cuda.memory_allocated()
    x = torch.ones(1024, 1024, device="cuda")
    assert torch.cuda.memory_allocated() - before >= x.nbytes
    free, total = torch.cuda.mem_get_info()
    assert 0 < free < total == torch.cuda.get_device_properties().total_memory


def test_a_large_product_and_its_gradient_are_those_of_the_cpu(gpu) -> None:
    torch.manual_seed(0)
    x, w = torch.randn(512, 512), torch.randn(512, 512, requires_grad=True)
    there = w.detach().cuda().requires_grad_()
    nn.functional.relu(x @ w).sum().backward()
    nn.functional.relu(x.cuda() @ there).sum().backward()
    np.testing.assert_allclose(there.grad.cpu().numpy(), w.grad.numpy(), rtol=1e-3, atol=1e-3)
