"""torch.distributions: probability distributions to sample from, to score values with and to compare.

The same seed gives torch's samples. Source: https://docs.pytorch.org/docs/stable/distributions.html
"""

from gradviz.engine.distributions import constraints, transforms
from gradviz.engine.distributions.bernoulli import Bernoulli
from gradviz.engine.distributions.beta import Beta
from gradviz.engine.distributions.binomial import Binomial
from gradviz.engine.distributions.categorical import Categorical
from gradviz.engine.distributions.cauchy import Cauchy
from gradviz.engine.distributions.dirichlet import Dirichlet
from gradviz.engine.distributions.distribution import Distribution
from gradviz.engine.distributions.exponential import Exponential
from gradviz.engine.distributions.gamma import Chi2, Gamma
from gradviz.engine.distributions.geometric import Geometric
from gradviz.engine.distributions.gumbel import Gumbel
from gradviz.engine.distributions.half_normal import HalfNormal
from gradviz.engine.distributions.independent import Independent
from gradviz.engine.distributions.kl import kl_divergence, register_kl
from gradviz.engine.distributions.laplace import Laplace
from gradviz.engine.distributions.log_normal import LogNormal
from gradviz.engine.distributions.mixture_same_family import MixtureSameFamily
from gradviz.engine.distributions.multinomial import Multinomial
from gradviz.engine.distributions.multivariate_normal import MultivariateNormal
from gradviz.engine.distributions.normal import Normal
from gradviz.engine.distributions.one_hot_categorical import (
    OneHotCategorical,
    OneHotCategoricalStraightThrough,
)
from gradviz.engine.distributions.poisson import Poisson
from gradviz.engine.distributions.relaxed import RelaxedBernoulli, RelaxedOneHotCategorical
from gradviz.engine.distributions.student_t import StudentT
from gradviz.engine.distributions.transformed_distribution import TransformedDistribution
from gradviz.engine.distributions.transforms import (
    AbsTransform,
    AffineTransform,
    ComposeTransform,
    ExpTransform,
    PowerTransform,
    SigmoidTransform,
    SoftplusTransform,
    TanhTransform,
    Transform,
    identity_transform,
)
from gradviz.engine.distributions.uniform import Uniform

__all__ = [
    "AbsTransform",
    "AffineTransform",
    "Bernoulli",
    "Beta",
    "Binomial",
    "Categorical",
    "Cauchy",
    "Chi2",
    "ComposeTransform",
    "Dirichlet",
    "Distribution",
    "ExpTransform",
    "Exponential",
    "Gamma",
    "Geometric",
    "Gumbel",
    "HalfNormal",
    "Independent",
    "Laplace",
    "LogNormal",
    "MixtureSameFamily",
    "Multinomial",
    "MultivariateNormal",
    "Normal",
    "OneHotCategorical",
    "OneHotCategoricalStraightThrough",
    "Poisson",
    "PowerTransform",
    "RelaxedBernoulli",
    "RelaxedOneHotCategorical",
    "SigmoidTransform",
    "SoftplusTransform",
    "StudentT",
    "TanhTransform",
    "Transform",
    "TransformedDistribution",
    "Uniform",
    "constraints",
    "identity_transform",
    "kl_divergence",
    "register_kl",
    "transforms",
]
