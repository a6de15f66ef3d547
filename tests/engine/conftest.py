"""What the engine's tests share."""

from collections.abc import Iterator

import pytest

from gradviz import engine


@pytest.fixture(autouse=True)
def default_device(request: pytest.FixtureRequest) -> Iterator[None]:
    """Every test makes its tensors on the device that `--device` names, unless it says otherwise."""
    device = request.config.getoption("--device")
    if device == "cuda" and request.node.get_closest_marker("cpu"):
        pytest.skip("about the CPU alone")
    yield
    engine.set_default_device(device)
