"""torch.optim.lr_scheduler: learning rates that change with the epochs."""

from gradviz.engine.optim.lr_scheduler.combined import ChainedScheduler as ChainedScheduler
from gradviz.engine.optim.lr_scheduler.combined import SequentialLR as SequentialLR
from gradviz.engine.optim.lr_scheduler.cycles import CosineAnnealingLR as CosineAnnealingLR
from gradviz.engine.optim.lr_scheduler.cycles import (
    CosineAnnealingWarmRestarts as CosineAnnealingWarmRestarts,
)
from gradviz.engine.optim.lr_scheduler.cycles import CyclicLR as CyclicLR
from gradviz.engine.optim.lr_scheduler.cycles import OneCycleLR as OneCycleLR
from gradviz.engine.optim.lr_scheduler.factors import ConstantLR as ConstantLR
from gradviz.engine.optim.lr_scheduler.factors import ExponentialLR as ExponentialLR
from gradviz.engine.optim.lr_scheduler.factors import LambdaLR as LambdaLR
from gradviz.engine.optim.lr_scheduler.factors import LinearLR as LinearLR
from gradviz.engine.optim.lr_scheduler.factors import MultiplicativeLR as MultiplicativeLR
from gradviz.engine.optim.lr_scheduler.factors import MultiStepLR as MultiStepLR
from gradviz.engine.optim.lr_scheduler.factors import PolynomialLR as PolynomialLR
from gradviz.engine.optim.lr_scheduler.factors import StepLR as StepLR
from gradviz.engine.optim.lr_scheduler.plateau import ReduceLROnPlateau as ReduceLROnPlateau
from gradviz.engine.optim.lr_scheduler.scheduler import LRScheduler as LRScheduler


class _LRScheduler(LRScheduler):
    """The base class's name before torch 2.0, which programs still derive from."""
