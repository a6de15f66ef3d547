"""Operations by family. Importing a family publishes its functions and tensor methods."""

from gradviz.engine.ops import activation, arithmetic, linalg, loss, operators, reduction, shape

__all__ = ["activation", "arithmetic", "linalg", "loss", "operators", "reduction", "shape"]
