"""torch.nn: the parts of networks."""

from gradviz.engine.nn import functional, init, modules, parallel, parameter, utils
from gradviz.engine.nn.modules import *  # noqa: F403  (its __all__ lists every module)
from gradviz.engine.nn.parallel import DataParallel
from gradviz.engine.nn.parameter import Parameter

__all__ = [
    *modules.__all__,
    "DataParallel",
    "Parameter",
    "functional",
    "init",
    "modules",
    "parallel",
    "parameter",
    "utils",
]
