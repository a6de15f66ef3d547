"""Samples of PyTorch's operator database on which the engine is allowed to disagree, each with a reason."""

# (operation, pattern of the samples' descriptions): reason
SKIPS: dict[tuple[str, str], str] = {}
