"""torch.distributions: what is drawn follows the density, and gradients reach the parameters."""

import math

import numpy as np
import pytest

import gradviz.engine as torch
from gradviz.engine import distributions as D
from gradviz.engine.distributions.sampling import beta_slope, gamma_slope
from gradviz.engine.ops.gamma import regularized_gamma
from tests.engine.tensors import leaf

CONTINUOUS = [
    D.Normal(0.5, 1.2),
    D.Uniform(-1.0, 2.0),
    D.Exponential(0.7),
    D.Laplace(-0.5, 0.8),
    D.Gamma(2.5, 1.5),
    D.Beta(2.0, 3.5),
    D.StudentT(5.0, 0.3, 0.8),
    D.LogNormal(0.1, 0.4),
    D.HalfNormal(1.3),
    D.Gumbel(0.2, 0.9),
    D.MixtureSameFamily(D.Categorical(torch.tensor([0.3, 0.7])), D.Normal(torch.tensor([-1.0, 1.0]), 0.5)),
]
DISCRETE = [
    D.Bernoulli(0.3),
    D.Categorical(torch.tensor([0.2, 0.5, 0.3])),
    D.Poisson(3.5),
    D.Poisson(18.0),
    D.Binomial(20, torch.tensor(0.3)),
    D.Binomial(60, torch.tensor(0.7)),
    D.Geometric(0.4),
]


@pytest.mark.parametrize("distribution", CONTINUOUS, ids=repr)
def test_densities_integrate_to_one(distribution):
    x = torch.linspace(-40.0, 80.0, 240_001, dtype=torch.float64)[1:-1] + 1e-7
    inside = x[distribution.support.check(x)]
    assert float(distribution.log_prob(inside).exp().sum() * 5e-4) == pytest.approx(1, abs=2e-3)


@pytest.mark.parametrize("distribution", CONTINUOUS + DISCRETE, ids=repr)
def test_samples_have_the_moments_that_are_promised(distribution):
    torch.manual_seed(0)
    drawn = distribution.sample((4_000,)).double()
    assert bool(distribution.support.check(drawn).all())
    if isinstance(distribution, D.Categorical):
        return
    assert drawn.mean().item() == pytest.approx(float(distribution.mean), abs=0.2)
    assert drawn.var().item() == pytest.approx(float(distribution.variance), rel=0.25)


@pytest.mark.parametrize("distribution", DISCRETE, ids=repr)
def test_values_come_up_as_often_as_their_probability_says(distribution):
    torch.manual_seed(1)
    drawn = distribution.sample((4_000,))
    for value in [0.0, 1.0, 2.0, 4.0, 16.0, 40.0]:
        value = torch.tensor(value)
        if bool(distribution.support.check(value)):
            share = (drawn == value).float().mean().item()
            assert share == pytest.approx(distribution.log_prob(value).exp().item(), abs=0.03)


def test_the_score_function_estimates_a_policy_gradient():
    """REINFORCE: log_prob leads back to the logits, the sample does not."""
    logits = leaf(0.0, 0.0)
    policy = D.Categorical(logits=logits)
    action = policy.sample()
    assert not action.requires_grad and action.dtype == torch.int64
    policy.log_prob(action).backward()
    chosen = torch.nn.functional.one_hot(action, 2)
    assert logits.grad.tolist() == pytest.approx((chosen - 0.5).tolist())


def test_rsample_carries_gradients_and_sample_does_not():
    loc, scale = leaf(1.0), leaf(2.0)
    q = D.Normal(loc, scale)
    assert not q.sample().requires_grad
    z = q.rsample((1000,))
    z.sum().backward()
    noise = ((z - loc) / scale).sum().item()
    assert loc.grad.item() == 1000 and scale.grad.item() == pytest.approx(noise, rel=1e-4)


@pytest.mark.parametrize(("alpha", "x"), [(0.3, 0.01), (0.3, 2.0), (2.0, 1.5), (7.5, 9.0), (40.0, 30.0)])
def test_a_gamma_sample_keeps_its_rank_when_its_shape_changes(alpha, x):
    a, x, eps = np.array(alpha), np.array(x), 1e-5
    moved = x + eps * gamma_slope(x, a)
    assert regularized_gamma(a + eps, moved)[0] == pytest.approx(regularized_gamma(a, x)[0], abs=1e-9)


def test_a_beta_sample_keeps_its_rank_when_alpha_changes():
    # Beta(α, 1) has the distribution function x^α, so that dx/dα = -x log(x) / α.
    x, alpha = np.array([0.1, 0.5, 0.97]), np.array([0.4, 2.0, 6.0])
    expected = -x * np.log(x) / alpha / (1 - x)
    np.testing.assert_allclose(beta_slope(x, alpha, np.ones(3)), expected, rtol=1e-6)


def test_divergence_is_the_expected_difference_of_log_probabilities():
    torch.manual_seed(0)
    p, q = D.Beta(2.0, 3.0), D.Beta(1.0, 1.5)
    x = p.sample((4_000,))
    estimate = (p.log_prob(x) - q.log_prob(x)).mean()
    assert D.kl_divergence(p, q).item() == pytest.approx(estimate.item(), abs=0.03)


def test_a_divergence_without_a_formula_names_both_kinds():
    with pytest.raises(NotImplementedError, match="p type Normal and q type Poisson"):
        D.kl_divergence(D.Normal(0.0, 1.0), D.Poisson(1.0))


def test_a_formula_of_ones_own_can_be_registered():
    class Fair(D.Bernoulli):
        pass

    @D.register_kl(Fair, Fair)
    def _same(p, q):
        return torch.zeros(())

    assert D.kl_divergence(Fair(0.5), Fair(0.5)).item() == 0


def test_shapes_of_batches_events_and_samples():
    batch = D.Normal(torch.zeros(4, 3), 1.0)
    assert batch.log_prob(batch.sample((2,))).shape == (2, 4, 3)
    vectors = D.Independent(batch, 1)
    assert vectors.batch_shape == (4,) and vectors.event_shape == (3,)
    assert vectors.log_prob(vectors.sample((2,))).shape == (2, 4)
    assert D.Normal(0.0, 1.0).expand((2, 5)).sample().shape == (2, 5)


def test_a_transformed_distribution_counts_the_stretching():
    plain = D.Normal(3.0, 2.0)
    stretched = D.TransformedDistribution(D.Normal(0.0, 1.0), D.AffineTransform(3.0, 2.0))
    x = torch.tensor([1.0, 1.5])
    assert stretched.log_prob(x).tolist() == pytest.approx(plain.log_prob(x).tolist())
    there = D.ComposeTransform([D.ExpTransform(), D.SigmoidTransform()])
    assert there.inv(there(x)).tolist() == pytest.approx(x.tolist(), rel=1e-4)


def test_parameters_and_values_out_of_range_are_refused():
    with pytest.raises(ValueError, match=r"parameter scale .* of distribution Normal.* GreaterThan"):
        D.Normal(0.0, -1.0)
    with pytest.raises(ValueError, match=r"within the support \(Boolean\(\)\)"):
        D.Bernoulli(0.5).log_prob(torch.tensor(0.3))
    assert math.isnan(D.Normal(0.0, -1.0, validate_args=False).log_prob(torch.tensor(0.0)).item())


@pytest.mark.parametrize(
    "make",
    [
        lambda x: D.Normal(x, 1.0),
        lambda x: D.Gamma(x, 2),
        lambda x: D.Beta(x, 1.5),
        lambda x: D.Binomial(5, x / 4),
        lambda x: D.Categorical(x),
        lambda x: D.MultivariateNormal(x, precision_matrix=x.diag()),
        lambda x: D.TransformedDistribution(D.Laplace(x, 1), D.AffineTransform(0, 2)),
    ],
)
def test_samples_lie_where_the_parameters_do(cuda, make):
    distribution = make(torch.tensor([0.5, 1.5, 2.5], device="cuda"))
    value = distribution.sample((2,))
    assert value.is_cuda and distribution.log_prob(value).is_cuda
