"""torch.distributions: samples from the same stream, densities, moments, divergences and their gradients."""

from functools import partial

import numpy as np
import pytest
import torch

import gradviz.engine as engine

pytestmark = pytest.mark.parity
BOTH = [engine, torch]

# How to make each distribution, from a module (ours or torch's) and parameters that require grad.
DISTRIBUTIONS = {
    "Normal": (lambda d, loc, scale: d.Normal(loc, scale), [[0.5, -1.0], [2.0, 0.3]]),
    "Uniform": (lambda d, low, high: d.Uniform(low, high), [[-1.0, 0.0], [2.0, 0.5]]),
    "Bernoulli": (lambda d, p: d.Bernoulli(p), [[0.2, 0.7]]),
    "Bernoulli of logits": (lambda d, x: d.Bernoulli(logits=x), [[0.2, -1.7]]),
    "Categorical": (lambda d, p: d.Categorical(p), [[[1.0, 2.0, 3.0], [0.1, 0.1, 0.8]]]),
    "Categorical of logits": (lambda d, x: d.Categorical(logits=x), [[[1.0, -2.0, 0.5], [0.1, 0.1, 0.8]]]),
    "OneHotCategorical": (lambda d, p: d.OneHotCategorical(p), [[0.2, 0.3, 0.5]]),
    "Exponential": (lambda d, rate: d.Exponential(rate), [[0.5, 2.0]]),
    "Laplace": (lambda d, loc, scale: d.Laplace(loc, scale), [[0.5, -1.0], [2.0, 0.3]]),
    "Cauchy": (lambda d, loc, scale: d.Cauchy(loc, scale), [[0.5, -1.0], [2.0, 0.3]]),
    "Gamma": (lambda d, a, b: d.Gamma(a, b), [[0.5, 1.0, 7.5], [2.0, 1.0, 0.3]]),
    "Chi2": (lambda d, df: d.Chi2(df), [[1.0, 4.0]]),
    "Beta": (lambda d, a, b: d.Beta(a, b), [[0.5, 1.0, 7.5], [2.0, 1.0, 3.3]]),
    "Dirichlet": (lambda d, a: d.Dirichlet(a), [[[0.5, 1.0, 7.5], [2.0, 1.0, 3.3]]]),
    "StudentT": (lambda d, df, loc, scale: d.StudentT(df, loc, scale), [[3.0, 1.5], [0.0, 1.0], [1.0, 2.0]]),
    "Poisson": (lambda d, rate: d.Poisson(rate), [[0.5, 4.0, 35.0]]),
    "Binomial": (lambda d, p: d.Binomial(40, p), [[0.01, 0.4, 0.8]]),
    "Geometric": (lambda d, p: d.Geometric(p), [[0.1, 0.8]]),
    "Multinomial": (lambda d, p: d.Multinomial(12, p), [[0.2, 0.3, 0.5]]),
    "LogNormal": (lambda d, loc, scale: d.LogNormal(loc, scale), [[0.5, -1.0], [0.7, 0.3]]),
    "HalfNormal": (lambda d, scale: d.HalfNormal(scale), [[0.7, 2.3]]),
    "Gumbel": (lambda d, loc, scale: d.Gumbel(loc, scale), [[0.5, -1.0], [0.7, 0.3]]),
    "MultivariateNormal": (
        lambda d, loc, cov: d.MultivariateNormal(loc, cov),
        [[0.5, -1.0], [[2.0, 0.3], [0.3, 1.0]]],
    ),
    "MultivariateNormal of a factor": (
        lambda d, loc, factor: d.MultivariateNormal(loc, scale_tril=factor.tril()),
        [[[0.5, -1.0], [0.0, 0.0]], [[2.0, 0.0], [0.3, 1.0]]],
    ),
    "MultivariateNormal of a precision": (
        lambda d, loc, p: d.MultivariateNormal(loc, precision_matrix=p),
        [[0.5, -1.0], [[2.0, 0.3], [0.3, 1.0]]],
    ),
    "Independent": (lambda d, loc, scale: d.Independent(d.Normal(loc, scale), 1), [[0.5, -1.0], [2.0, 0.3]]),
    "mixture": (
        lambda d, p, loc, scale: d.MixtureSameFamily(d.Categorical(p), d.Normal(loc, scale)),
        [[0.2, 0.8], [-1.0, 1.0], [0.3, 0.5]],
    ),
    "mixture of vectors": (
        lambda d, p, loc: d.MixtureSameFamily(d.Categorical(p), d.Independent(d.Normal(loc, 1.0), 1)),
        [[0.2, 0.8], [[-1.0, 1.0, 2.0], [0.3, 0.5, 0.1]]],
    ),
    "squashed normal": (
        lambda d, loc, scale: d.TransformedDistribution(
            d.Normal(loc, scale), [d.AffineTransform(0.5, 2.0), d.TanhTransform()]
        ),
        [[0.5, -1.0], [0.2, 0.3]],
    ),
    "logit-normal vector": (
        lambda d, loc, scale: d.Independent(
            d.TransformedDistribution(d.Normal(loc, scale), d.SigmoidTransform()), 1
        ),
        [[0.5, -1.0], [0.2, 0.3]],
    ),
    "flow of vectors": (
        lambda d, loc, scale: d.TransformedDistribution(
            d.Normal(loc, scale), d.AffineTransform(loc, scale, event_dim=1)
        ),
        [[0.5, -1.0], [0.2, 0.3]],
    ),
    "composed": (
        lambda d, loc: d.TransformedDistribution(
            d.Normal(loc, 1.0), d.ComposeTransform([d.ExpTransform(), d.PowerTransform(2.0)])
        ),
        [[0.5, -1.0]],
    ),
    "RelaxedBernoulli": (lambda d, t, x: d.RelaxedBernoulli(t, logits=x), [0.5, [0.5, -1.0]]),
    "RelaxedOneHotCategorical": (
        lambda d, t, x: d.RelaxedOneHotCategorical(t, logits=x),
        [0.5, [0.5, -1.0, 0.0]],
    ),
}

# What torch has no formula for, it refuses with NotImplementedError; so do we, or else we agree.
FACTS = ["mean", "mode", "variance", "stddev", "batch_shape", "event_shape", "support", "has_rsample"]


def made(module, name):
    make, values = DISTRIBUTIONS[name]
    parameters = [module.tensor(v, requires_grad=True) for v in values]
    return make(module.distributions, *parameters), parameters


def outcome(compute):
    """What a computation gives, as something to compare: an array, a text, or the kind of error."""
    try:
        result = compute()
    except NotImplementedError:
        return "NotImplementedError"
    return result.detach().numpy() if hasattr(result, "detach") else str(result)


def assert_same(ours, theirs, what):
    if isinstance(theirs, str):
        assert ours == theirs, what
    else:
        np.testing.assert_allclose(ours, theirs, rtol=2e-5, atol=2e-6, err_msg=what)


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_facts_and_samples_agree(name):
    def observe(module):
        module.manual_seed(0)
        distribution, _ = made(module, name)
        found = {"repr": repr(distribution)}
        for fact in FACTS:
            found[fact] = outcome(partial(getattr, distribution, fact))
        found["entropy"] = outcome(distribution.entropy)
        found["sample"] = outcome(distribution.sample)
        found["samples"] = outcome(lambda: distribution.sample((4, 2)))
        value = distribution.sample((3,))
        found["log_prob"] = outcome(lambda: distribution.log_prob(value))
        found["cdf"] = outcome(lambda: distribution.cdf(value))
        found["expanded"] = outcome(lambda: distribution.expand((2, *distribution.batch_shape)).sample())
        found["enumerate_support"] = outcome(distribution.enumerate_support)
        return found

    ours, theirs = map(observe, BOTH)
    if name.startswith("mixture"):
        del theirs["support"]  # torch's has a name of its own
    for what, value in theirs.items():
        assert_same(ours[what], value, what)


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_gradients_of_densities_and_samples_agree(name):
    def observe(module):
        module.manual_seed(0)
        distribution, parameters = made(module, name)
        value = distribution.sample((3,))
        log_prob = distribution.log_prob(value).sum()
        scores = module.autograd.grad(log_prob, parameters, retain_graph=True, allow_unused=True)
        moved = []
        if distribution.has_rsample:
            drawn = distribution.rsample((3,))
            moved = module.autograd.grad((drawn**2).sum(), parameters, allow_unused=True)
        return [g.numpy() for g in [*scores, *moved] if g is not None]

    ours, theirs = map(observe, BOTH)
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a, b, rtol=2e-3, atol=1e-5)


PAIRS = {
    "Normal": lambda d, t: (d.Normal(t[0], t[1]), d.Normal(t[1], t[2])),
    "Bernoulli": lambda d, t: (d.Bernoulli(t[0]), d.Bernoulli(t[0] / 2)),
    "Categorical": lambda d, t: (d.Categorical(t), d.Categorical(logits=-t)),
    "OneHotCategorical": lambda d, t: (d.OneHotCategorical(t), d.OneHotCategorical(logits=-t)),
    "Beta": lambda d, t: (d.Beta(t[0], t[1]), d.Beta(t[1], t[2])),
    "Dirichlet": lambda d, t: (d.Dirichlet(t[:2]), d.Dirichlet(t[1:])),
    "Gamma": lambda d, t: (d.Gamma(t[0], t[1]), d.Gamma(t[1], t[2])),
    "Exponential": lambda d, t: (d.Exponential(t[0]), d.Exponential(t[1])),
    "Laplace": lambda d, t: (d.Laplace(t[0], t[1]), d.Laplace(t[1], t[2])),
    "Poisson": lambda d, t: (d.Poisson(t[0]), d.Poisson(t[1])),
    "Geometric": lambda d, t: (d.Geometric(t[0]), d.Geometric(t[0] / 2)),
    "Binomial": lambda d, t: (d.Binomial(5, t[0]), d.Binomial(5, t[0] / 2)),
    "HalfNormal": lambda d, t: (d.HalfNormal(t[0]), d.HalfNormal(t[1])),
    "LogNormal": lambda d, t: (d.LogNormal(t[0], t[1]), d.LogNormal(t[1], t[2])),
    "Uniform": lambda d, t: (d.Uniform(t[0], t[0] + 1), d.Uniform(t[0] - 1, t[0] + 1.5)),
    "Uniform and Normal": lambda d, t: (d.Uniform(t[0], t[0] + 1), d.Normal(t[1], t[2])),
    "Independent": lambda d, t: (
        d.Independent(d.Normal(t[0], t[1]), 1),
        d.Independent(d.Normal(t[1], t[2]), 1),
    ),
    "MultivariateNormal": lambda d, t: (
        d.MultivariateNormal(t[0], t.T @ t + t[1].diag()),
        d.MultivariateNormal(t[1], t.T @ t + t[2].diag()),
    ),
}


@pytest.mark.parametrize("name", PAIRS)
def test_divergences_and_their_gradients_agree(name):
    def observe(module):
        numbers = module.tensor([[0.3, 0.9], [1.5, 0.6], [2.0, 0.7]], requires_grad=True)
        p, q = PAIRS[name](module.distributions, numbers)
        divergence = module.distributions.kl_divergence(p, q)
        (gradient,) = module.autograd.grad(divergence.sum(), numbers)
        return divergence.detach().numpy(), gradient.numpy()

    for ours, theirs in zip(*map(observe, BOTH), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)


MISTAKES = {
    "negative scale": lambda torch, d: d.Normal(0.0, -1.0),
    "one negative scale": lambda torch, d: d.Normal(torch.zeros(2), torch.tensor([1.0, -1.0])),
    "low above high": lambda torch, d: d.Uniform(1.0, 0.0),
    "value outside": lambda torch, d: d.Uniform(0.0, 1.0).log_prob(torch.tensor(2.0)),
    "probability above 1": lambda torch, d: d.Bernoulli(1.5),
    "half a coin": lambda torch, d: d.Bernoulli(0.5).log_prob(torch.tensor(0.3)),
    "a number for a tensor": lambda torch, d: d.Bernoulli(0.5).log_prob(0.3),
    "no parameter": lambda torch, d: d.Bernoulli(),
    "one class": lambda torch, d: d.Categorical(torch.tensor(0.5)),
    "NaN": lambda torch, d: d.Categorical(logits=torch.tensor([0.5, float("nan")])),
    "class out of range": lambda torch, d: d.Categorical(torch.ones(2)).log_prob(torch.tensor(3)),
    "wrong shape": lambda torch, d: d.Normal(torch.zeros(3), 1.0).log_prob(torch.zeros(2)),
    "wrong event": lambda torch, d: d.OneHotCategorical(torch.ones(3)).log_prob(torch.zeros(2)),
    "no covariance": lambda torch, d: d.MultivariateNormal(torch.zeros(2)),
    "not positive definite": lambda torch, d: d.MultivariateNormal(
        torch.zeros(2), torch.tensor([[1.0, 2.0], [2.0, 1.0]])
    ),
    "too many dimensions": lambda torch, d: d.Independent(d.Normal(torch.zeros(3), 1.0), 2),
    "wrong mixture": lambda torch, d: d.MixtureSameFamily(
        d.Categorical(torch.ones(3)), d.Normal(torch.zeros(2), 1.0)
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_are_refused_in_torchs_words(name):
    def words(module):
        with pytest.raises(ValueError) as raised:
            MISTAKES[name](module, module.distributions)
        return str(raised.value)

    assert words(engine) == words(torch)
