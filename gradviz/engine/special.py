"""torch.special: functions that mathematics and statistics have names for (https://docs.pytorch.org/docs/stable/special.html)."""

from __future__ import annotations

from gradviz.engine.ops.activation import sigmoid
from gradviz.engine.ops.arithmetic import xlogy
from gradviz.engine.ops.bessel import i0, i0e, i1, i1e
from gradviz.engine.ops.gamma import digamma, igamma, igammac, lgamma, mvlgamma, polygamma, zeta
from gradviz.engine.ops.gaussian import erfc, erfcx, erfinv, log_ndtr, ndtr, ndtri
from gradviz.engine.ops.pointwise import erf, exp2, expm1, log1p, round
from gradviz.engine.ops.reduction import logsumexp
from gradviz.engine.ops.softmax import log_softmax, softmax
from gradviz.engine.ops.special import entr, logit, sinc, xlog1py

expit, psi = sigmoid, digamma
gammaln, multigammaln, gammainc, gammaincc = lgamma, mvlgamma, igamma, igammac

__all__ = [
    "digamma",
    "entr",
    "erf",
    "erfc",
    "erfcx",
    "erfinv",
    "exp2",
    "expit",
    "expm1",
    "gammainc",
    "gammaincc",
    "gammaln",
    "i0",
    "i0e",
    "i1",
    "i1e",
    "log1p",
    "log_ndtr",
    "log_softmax",
    "logit",
    "logsumexp",
    "multigammaln",
    "ndtr",
    "ndtri",
    "polygamma",
    "psi",
    "round",
    "sinc",
    "softmax",
    "xlog1py",
    "xlogy",
    "zeta",
]
