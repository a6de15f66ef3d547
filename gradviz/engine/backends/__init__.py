"""torch.backends: switches of libraries that this engine does not use. They can be set and change nothing."""

from gradviz.engine.backends import cuda, cudnn, mps

__all__ = ["cuda", "cudnn", "mps"]
