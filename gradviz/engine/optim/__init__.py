"""torch.optim: what moves the parameters along their gradients."""

from gradviz.engine.optim import lr_scheduler as lr_scheduler
from gradviz.engine.optim import swa_utils as swa_utils
from gradviz.engine.optim.adadelta import Adadelta as Adadelta
from gradviz.engine.optim.adafactor import Adafactor as Adafactor
from gradviz.engine.optim.adagrad import Adagrad as Adagrad
from gradviz.engine.optim.adam import Adam as Adam
from gradviz.engine.optim.adam import AdamW as AdamW
from gradviz.engine.optim.adamax import Adamax as Adamax
from gradviz.engine.optim.asgd import ASGD as ASGD
from gradviz.engine.optim.lbfgs import LBFGS as LBFGS
from gradviz.engine.optim.nadam import NAdam as NAdam
from gradviz.engine.optim.optimizer import Optimizer as Optimizer
from gradviz.engine.optim.radam import RAdam as RAdam
from gradviz.engine.optim.rmsprop import RMSprop as RMSprop
from gradviz.engine.optim.rprop import Rprop as Rprop
from gradviz.engine.optim.sgd import SGD as SGD
