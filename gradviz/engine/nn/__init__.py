"""torch.nn."""

from gradviz.engine.nn import functional as functional
from gradviz.engine.nn import init as init
from gradviz.engine.nn import parameter as parameter
from gradviz.engine.nn.activation import ReLU as ReLU
from gradviz.engine.nn.container import ModuleDict as ModuleDict
from gradviz.engine.nn.container import ModuleList as ModuleList
from gradviz.engine.nn.container import ParameterDict as ParameterDict
from gradviz.engine.nn.container import ParameterList as ParameterList
from gradviz.engine.nn.container import Sequential as Sequential
from gradviz.engine.nn.flatten import Flatten as Flatten
from gradviz.engine.nn.flatten import Unflatten as Unflatten
from gradviz.engine.nn.linear import Bilinear as Bilinear
from gradviz.engine.nn.linear import Identity as Identity
from gradviz.engine.nn.linear import Linear as Linear
from gradviz.engine.nn.loss import CrossEntropyLoss as CrossEntropyLoss
from gradviz.engine.nn.loss import NLLLoss as NLLLoss
from gradviz.engine.nn.module import Module as Module
from gradviz.engine.nn.parameter import Parameter as Parameter
