"""torch.utils."""

from gradviz.engine.utils import checkpoint as checkpoint
from gradviz.engine.utils import data as data
from gradviz.engine.utils import tensorboard as tensorboard
