"""torch.utils."""

from gradviz.engine.utils import data as data
