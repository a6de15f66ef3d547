"""torch.optim: what moves the parameters along their gradients."""

from gradviz.engine.optim import lr_scheduler as lr_scheduler
from gradviz.engine.optim import swa_utils as swa_utils
from gradviz.engine.optim.adadelta import Adadelta as Adadelta
from gradviz.engine.optim.adagrad import Adagrad as Adagrad
from gradviz.engine.optim.adam import Adam as Adam
from gradviz.engine.optim.adam import AdamW as AdamW
from gradviz.engine.optim.lbfgs import LBFGS as LBFGS
from gradviz.engine.optim.optimizer import Optimizer as Optimizer
from gradviz.engine.optim.rmsprop import RMSprop as RMSprop
from gradviz.engine.optim.sgd import SGD as SGD
