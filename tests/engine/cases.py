"""Every operation with an input domain, for the tests that check all of them.

To add an operation, add one line to CASES: a function of tensors and a domain for each of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import gradviz.engine as torch
from gradviz.engine.nn import functional as F
from gradviz.engine.nn.modules.backward_hooks import BackwardHookFunction
from gradviz.engine.ops import activation, gathering, indexing, loss, unfolding, with_number
from gradviz.engine.ops.embedding import Embedding, EmbeddingDenseBackward
from gradviz.engine.ops.linear_maps import AlongAxes, PickAlongAxes
from gradviz.engine.ops.scatter_reduce import Scattered
from gradviz.engine.ops.windows import Col2Im, Im2Col, Window


@dataclass(frozen=True)
class Domain:
    """Where an argument's elements lie, and its shape: a letter a dimension; "..." for any."""

    low: float = -2.0
    high: float = 2.0
    shape: str = "..."

    def __getitem__(self, letters: str) -> Domain:
        return Domain(self.low, self.high, letters)


@dataclass(frozen=True)
class Case:
    name: str
    function: Callable
    domains: tuple[Domain, ...] = field(default_factory=tuple)

    def __str__(self) -> str:
        return self.name


real, positive, unit, inside = Domain(), Domain(0.1, 3.0), Domain(0.05, 0.95), Domain(-0.95, 0.95)
CASES: list[Case] = []


def case(name: str, function: Callable, *domains: Domain) -> None:
    CASES.append(Case(name, function, domains))


# arithmetic
case("add", lambda x, y: x + y, real, real)
case("sub", lambda x, y: x - y, real, real)
case("add a setting", lambda x: with_number.add_number(x, 3), real)
case("sub a setting", lambda x: with_number.sub_number(x, 3), real)
case("mul a setting", lambda x: with_number.mul_number(x, 3), real)
case("div a setting", lambda x: with_number.div_number(x, 3), real)
case("rsub", lambda x: 3 - x, real)
case("add alpha", lambda x, y: x.add(y, alpha=3), real, real)
case("sub alpha", lambda x, y: x.sub(y, alpha=3), real, real)
case("mul", lambda x, y: x * y, real, real)
case("div", lambda x, y: x / y, real, positive)
case("reciprocal", lambda x: 2 / x, positive)
case("floor division", lambda x, y: torch.div(x, y, rounding_mode="floor"), real, positive)
case("trunc division", lambda x, y: torch.div(x, y, rounding_mode="trunc"), real, positive)
case("remainder", lambda x, y: x % y, real, positive)
case("remainder of a number", lambda x: 2 % (x.detach() * 0 + 0.7), positive)
case("floor_divide", lambda x, y: x.detach() // y.detach(), real, positive)
case("fmod", torch.fmod, real, positive)
case("pow of tensors", lambda x, y: x**y, positive, real)
case("square", lambda x: x**2, real)
case("cube", lambda x: x**3, real)
case("power of a number", lambda x: 2**x, real)
case("xlogy", torch.xlogy, positive, positive)
case("maximum", torch.maximum, real, real)
case("minimum", torch.minimum, real, real)
case("atan2", torch.atan2, real, positive)
case("lerp", torch.lerp, real, real, real)
case("addcmul", lambda x, a, b: torch.addcmul(x, a, b, value=0.5), real, real, real)
case("addcdiv", lambda x, a, b: torch.addcdiv(x, a, b, value=0.5), real, real, positive)
case("logaddexp", torch.logaddexp, real, real)
case("hypot", torch.hypot, real, positive)

case("logaddexp2", torch.logaddexp2, real, real)
case("fmax", torch.fmax, real, real)
case("fmin", torch.fmin, real, real)
case("copysign", torch.copysign, real, real)
case("nextafter", lambda x, y: torch.nextafter(x * x, y), real, real)
case("ldexp", torch.ldexp, real, real)
case("float_power", lambda x: torch.float_power(x, 3), real)
case("xlog1py", torch.special.xlog1py, real, positive)
case("zeta", lambda q: torch.special.zeta(torch.tensor(2.5).double(), q), positive)
case("igamma", lambda x: torch.igamma(torch.tensor(2.5).double(), x), positive)
case("igammac", lambda x: torch.igammac(torch.tensor(0.5).double(), x), positive)

# functions of one tensor
for name in [
    "neg",
    "abs",
    "exp",
    "exp2",
    "expm1",
    "sin",
    "cos",
    "tanh",
    "sinh",
    "cosh",
    "atan",
    "erf",
    "sign",
    "sgn",
    "floor",
    "ceil",
    "trunc",
    "round",
    "frac",
    "sigmoid",
    "relu",
]:
    case(name, getattr(torch, name), real)
for name in ["log", "log2", "log10", "log1p", "sqrt", "rsqrt"]:
    case(name, getattr(torch, name), positive)
for name in ["tan", "asin", "acos", "atanh"]:
    case(name, getattr(torch, name), inside)
case("asinh", torch.asinh, real)
for name in ["erfc", "sinc", "deg2rad", "rad2deg", "angle", "i0", "lgamma", "digamma"]:
    case(name, getattr(torch, name), real)
for name in ["erfcx", "ndtr", "log_ndtr", "i0e", "i1", "i1e"]:
    case(name, getattr(torch.special, name), real)
case("erfinv", torch.erfinv, inside)
case("ndtri", torch.special.ndtri, unit)
case("entr", torch.special.entr, positive)
case("logit", torch.logit, unit)
case("logit within limits", lambda x: torch.logit(x, 0.2), unit)
case("polygamma", lambda x: torch.polygamma(2, x + 1), positive)
case("mvlgamma", lambda x: torch.mvlgamma(x + 1.5, 3), positive)
case("frexp", lambda x: torch.frexp(x).mantissa, real)
case("acosh", lambda x: torch.acosh(x + 1), positive)
case("clamp", lambda x: x.clamp(-1, 1), real)
case("clamp_min", lambda x: x.clamp_min(0.5), real)
case("clamp_max", torch.clamp_max, real, inside)
case("clamp by tensors", torch.clamp, real, inside, positive)
case("nan_to_num", torch.nan_to_num, real)

# activations
case("leaky_relu", activation.leaky_relu, real)
case("prelu", torch.prelu, real["nm"], unit["m"])
case("elu", activation.elu, real)
case("selu", torch.selu, real)
case("gelu", activation.gelu, real)
case("gelu tanh", lambda x: activation.gelu(x, "tanh"), real)
case("silu", activation.silu, real)
case("mish", activation.mish, real)
case("softplus", activation.softplus, real)
case("logsigmoid", activation.logsigmoid, real)
case("hardtanh", F.hardtanh, real)
case("hardsigmoid", F.hardsigmoid, real)
case("hardswish", F.hardswish, real)
case("hardshrink", F.hardshrink, real)
case("softshrink", F.softshrink, real)
case("threshold", lambda x: F.threshold(x, 0.1, 5.0), real)
case("celu", lambda x: F.celu(x, 0.7), real)
case("glu", lambda x: F.glu(x, 0), real["2n"])
case("rrelu", F.rrelu, real)
case("softmax", lambda x: x.softmax(-1), real["nm"])
case("log_softmax", lambda x: x.log_softmax(0), real["nm"])
case("dropout", lambda x: activation.Dropout()(x, (x.detach() > 0).array * 2.0), real)

# reductions
case("sum", lambda x: x.sum(), real)
case("sum dim", lambda x: x.sum(1, keepdim=True), real["nmp"])
case("mean", lambda x: x.mean((0, -1)), real["nmp"])
case("prod", lambda x: x.prod(), real)
case("prod dim", lambda x: x.prod(1), real["nm"])
case("var", lambda x: x.var(), real["nmp"])
case("std", lambda x: x.std(1, keepdim=True), real["nm"])
case("var_mean", lambda x: sum(torch.var_mean(x, 0)), real["nm"])
case("std_mean", lambda x: sum(torch.std_mean(x, 1, correction=0)), real["nm"])
case("aminmax", lambda x: sum(torch.aminmax(x, dim=1)), real["nm"])
case("diag", lambda x: x.diag(), real["nm"])
case("trace", torch.trace, real["nm"])
case("logsumexp", lambda x: x.logsumexp(1), real["nm"])
case("norm", lambda x: x.norm(), real["nm"])
case("norm 1", lambda x: x.norm(1, dim=0), real["nm"])
case("pairwise_distance", F.pairwise_distance, real["nm"], real["nm"])
case("norm 3", lambda x: x.norm(3, dim=1, keepdim=True), real["nm"])
case("norm inf", lambda x: x.norm(float("inf")), real["nm"])
case("cumsum", lambda x: x.cumsum(1), real["nm"])
case("cumprod", lambda x: x.cumprod(0), positive["nm"])
case("cumprod with zeros", lambda x: (x * torch.tensor([1.0, 0.0])).cumprod(1), positive["n2"])
case("logcumsumexp", lambda x: x.logcumsumexp(0), real["nm"])
case("nanmedian", lambda x: torch.where(x > 0, x, float("nan")).nanmedian(), real["33"])
case("nanmedian dim", lambda x: x.nanmedian(0).values, real["nm"])
case("mode", lambda x: x.mode(1).values, real["nm"])
case("nanmean", lambda x: torch.where(x > 0, x * x, float("nan")).nanmean(), real["33"])
case("nansum", lambda x: torch.nansum(torch.where(x > 0, x * x, float("nan"))), real)
case("all", lambda x: x.all(), real)
case("any", lambda x: x.any(), real)
case("count_nonzero", lambda x: x.count_nonzero(), real)

# extremes and order
case("max", lambda x: x.max(), real["nm"])
case("min", lambda x: x.min(), real["nm"])
case("max dim", lambda x: x.max(1).values, real["nm"])
case("min dim", lambda x: x.min(0, keepdim=True).values, real["nm"])
case("amax", lambda x: x.amax(0), real["nm"])
case("amin", lambda x: x.amin((0, 1)), real["nm"])
case("median", lambda x: x.median(), real["nm"])
case("median dim", lambda x: x.median(0).values, real["nm"])
case("kthvalue", lambda x: x.kthvalue(1).values, real["nm"])
case("sort", lambda x: x.sort(0, descending=True).values, real["nm"])
case("topk", lambda x: x.topk(1, 1).values, real["nm"])
case("cummax", lambda x: x.cummax(1).values, real["nm"])
case("cummin", lambda x: x.cummin(1).values, real["nm"])
case("argmax", lambda x: x.argmax(), real["nm"])
case("one_hot", lambda x: torch.nn.functional.one_hot((x > 0).long()), real["nm"])
case("argmin", lambda x: x.argmin(1), real["nm"])

# shapes
case("detach", lambda x: x.detach(), real)
case("clone", lambda x: x.clone(), real)
case("to", lambda x: x.to(torch.float64, copy=True), real)
case("t", lambda x: x.t(), real["nm"])
case("transpose", lambda x: x.transpose(0, 2), real["nmp"])
case("view", lambda x: x.view(-1), real["nm"])
case("reshape", lambda x: x.t().reshape(-1), real["nm"])
case("flatten", torch.flatten, real["nm"])
case("expand", lambda x: x.expand(3, -1, 2), real["n1"])
case("permute", lambda x: x.permute(2, 0, 1), real["nmp"])
case("squeeze", lambda x: x.squeeze(), real["n1m"])
case("unsqueeze", lambda x: x.unsqueeze(1), real["nm"])
case("unfold", lambda x: x.unfold(0, 3, 1), real["4m"])
case("fold", lambda x: unfolding.Fold(0, 2, 1, (4, 3))(x), real["332"])
case("flip", lambda x: x.flip(0, 1), real["nm"])
case("roll", lambda x: x.roll(1, 0), real["nm"])
case("repeat", lambda x: x.repeat(2, 1, 3), real["nm"])
case("repeat_interleave", lambda x: x.repeat_interleave(2, 1), real["nm"])
case("cat", lambda x, y: torch.cat([x, y], 1), real["nm"], real["np"])
case("stack", lambda x, y: torch.stack([x, y], 1), real["nm"], real["nm"])
case("split", lambda x: x.split(2)[0], real["3m"])
case("chunk", lambda x: x.chunk(2, 1)[0], real["nm"])
case("unsafe_chunk", lambda x: x.unsafe_chunk(2, 1)[0], real["nm"])
case("unbind", lambda x: x.unbind(1)[0], real["nm"])
case("meshgrid", lambda x, y: torch.meshgrid(x, y, indexing="ij")[1], real["n"], real["m"])
case("tril", lambda x: x.tril(), real["nm"])
case("triu", lambda x: x.triu(1), real["nm"])
case("block_diag", lambda x, y: torch.block_diag(x, y), real["nm"], real["p"])
case("diagflat", lambda x: x.diagflat(1), real["nm"])
case("rot90", lambda x: x.rot90(1, (0, 2)), real["nmp"])
case("as_strided", lambda x: x.as_strided((2, 2), (1, 2)), real["23"])
case("atleast_3d", torch.atleast_3d, real["nm"])
case("dstack", lambda x, y: torch.dstack([x, y]), real["nm"], real["nm"])
case("tensor_split", lambda x: x.tensor_split(2)[1], real["3m"])
case("cartesian_prod", torch.cartesian_prod, real["n"], real["m"])
case("combinations", torch.combinations, real["3"])
case("sum_to_size", lambda x: x.sum_to_size(1, 3), real["23"])
case("diagonal", lambda x: x.diagonal(), real["nm"])
case("diag_embed", lambda x: x.diag_embed(1), real["nm"])

# indexing
index = torch.tensor([[1, 0], [1, 1]])
case("select", lambda x: x[0], real["nm"])
case("slice", lambda x: x[:, 1:], real["n3"])
case("index", lambda x: x[torch.tensor([1, 0, 1])], real["2m"])
case("index by mask", lambda x: x[x > 0], real["nm"])
case("index_select", lambda x: x.index_select(0, torch.tensor([0, 0])), real["nm"])
case("index_add", lambda x, y: x.index_add(0, torch.tensor([0, 0]), y), real["nm"], real["2m"])
case("index_put", lambda x, y: x.index_put((torch.tensor([0, 1]),), y), real["3m"], real["2m"])
case("index_put added", lambda x, y: x.index_put((torch.tensor([0, 0]),), y, True), real["3m"], real["2m"])
case("gather", lambda x: x.gather(1, index), real["23"])
case("scatter", lambda x, y: x.scatter(0, torch.tensor([[0, 1]]), y), real["32"], real["12"])
case("scatter_add", lambda x, y: x.scatter_add(1, index, y), real["23"], real["22"])
case("gather one", lambda x: x.gather(0, torch.tensor(1)), real["3"])
case("scatter one", lambda x, y: x.scatter(0, torch.tensor(1), y), real["3"], real[""])
case("scatter along", lambda x: gathering.ScatterAlong(1, (2, 3), index.array)(x), real["22"])
case("take", lambda x: x.take(torch.tensor([[0, -1], [1, 1]])), real["2m"])
case("put", lambda x, y: x.put(torch.tensor([3, 0]), y), real["2m"], real["2"])
case("put added", lambda x, y: x.put(torch.tensor([3, 3]), y, accumulate=True), real["2m"], real["2"])
case("index_fill", lambda x, y: x.index_fill(0, torch.tensor([0]), y), real["nm"], real[""])
case("index_copy", lambda x, y: x.index_copy(1, torch.tensor([2, 0]), y), real["n3"], real["n2"])
case("masked_scatter", lambda x, y: x.masked_scatter(x > 0, y), real["nm"], real["33"])
case("select_scatter", lambda x, y: x.select_scatter(y, 1, 0), real["nm"], real["n"])
case("slice_scatter", lambda x, y: x.slice_scatter(y, 0, 1, 3), real["3m"], real["2m"])
case("diagonal_scatter", lambda x, y: x.diagonal_scatter(y, 1), real["n3"], real["2"])
for how in ["sum", "prod", "mean", "amax", "amin"]:
    case(
        f"scatter_reduce {how}",
        lambda x, y, how=how: x.scatter_reduce(1, index, y, how),
        real["23"],
        real["23"],
    )
    case(
        f"scatter_reduce {how} alone",
        lambda x, y, how=how: x.scatter_reduce(1, index, y, how, include_self=False),
        real["23"],
        real["22"],
    )
case(
    "index_reduce",
    lambda x, y: x.index_reduce(0, torch.tensor([1, 1]), y, "mean"),
    real["2m"],
    real["2m"],
)
case(
    "scattered products",
    lambda x, y: x.scatter_reduce(0, torch.tensor([0, 0]), y * torch.tensor([0.0, 1.0]), "prod"),
    real["2"],
    real["2"],
)
case("scattered", lambda x, y: Scattered((torch.tensor([0, 0]).array,), True)(x, y), real["2"], real["2"])
case("where", lambda x, y: torch.where(x > 0, x, y), real, real)
case("masked_fill", lambda x: x.masked_fill(x > 0, 7.0), real)
case("masked_select", lambda x: x.masked_select(x > 0), real["nm"])
case("embedding", lambda x: Embedding(index.array, None)(x), real["2m"])
bags, starts = torch.tensor([1, 0, 2, 2]), torch.tensor([0, 2])
case("embedding_bag", lambda x: F.embedding_bag(bags, x, starts), real["3m"])
case(
    "embedding_bag weighed",
    lambda x, f: F.embedding_bag(bags, x, starts, mode="sum", per_sample_weights=f),
    real["3m"],
    real["4"],
)
case("embedding_bag max", lambda x: F.embedding_bag(bags, x, starts, mode="max"), real["3m"])
case("embedding backward", lambda x: EmbeddingDenseBackward(index.array, 2, 1)(x), real["22m"])
case("pad", lambda x: F.pad(x, (1, 0, 2, -1), value=3.0), real["nm"])
case("place", lambda x: indexing.Place((3, 2), (slice(1, 2),))(x), real["12"])
case("fill", lambda x, value: torch.fill(x, value.sum()) * 1.0, real, real)
case("zero at", lambda x: indexing.ZeroAt((0,))(x), real["nm"])
case("add at", lambda x: indexing.AddAt((2, 3), (torch.tensor([0, 0]).array,))(x), real["23"])

# products
case("mm", lambda a, b: a @ b, real["nm"], real["mp"])
case("mm by columns", lambda a, b: a @ b.t(), real["nm"], real["pm"])
case("addmm", lambda c, a, b: torch.addmm(c, a, b, beta=0.5, alpha=2), real["p"], real["nm"], real["mp"])
case("bmm", lambda a, b: a @ b, real["2nm"], real["2mp"])
case("baddbmm", torch.baddbmm, real["2np"], real["2nm"], real["2mp"])
case("matmul", lambda a, b: a @ b, real["2nm"], real["mp"])
case("mv", lambda a, b: a @ b, real["nm"], real["m"])
case("dot", lambda a, b: a @ b, real["n"], real["n"])
case("outer", torch.outer, real["n"], real["m"])
case("einsum", lambda a, b: torch.einsum("ij,kj->ik", a, b), real["nm"], real["pm"])
case("einsum of sums", lambda a, b: torch.einsum("ij,k->k", a, b), real["nm"], real["p"])
case("inverse", lambda a: (a + 5 * torch.eye(2, dtype=torch.float64)).inverse(), real["22"])
case("det", torch.det, real["22"])
case(
    "solve",
    lambda a, b: torch.linalg.solve(a + 5 * torch.eye(2, dtype=torch.float64), b),
    real["22"],
    real["2n"],
)

case("slogdet", lambda a: torch.slogdet(a + 5 * torch.eye(2).double()).logabsdet, real["22"])
case("logdet", lambda a: torch.logdet(a + 5 * torch.eye(2).double()), real["22"])
case("solve vector", lambda a, b: torch.linalg.solve(a + 5 * torch.eye(2).double(), b), real["22"], real["2"])
case(
    "solve_triangular",
    lambda a, b: torch.linalg.solve_triangular(a + 5 * torch.eye(2).double(), b, upper=True),
    real["22"],
    real["2n"],
)
case("cholesky", lambda a: torch.linalg.cholesky(a @ a.T + 3 * torch.eye(3).double()), real["3n"])
case(
    "cholesky_solve",
    lambda b, a: torch.cholesky_solve(b, a.tril() + 5 * torch.eye(2).double()),
    real["2n"],
    real["22"],
)
case("cholesky_inverse", lambda a: torch.cholesky_inverse(a.tril() + 5 * torch.eye(2).double()), real["22"])
case("qr", lambda a: torch.cat(torch.linalg.qr(a + 3 * torch.eye(3, 2).double())), real["32"])
case("qr of a wide matrix", lambda a: torch.linalg.qr(a + 3 * torch.eye(2, 3).double()).R, real["23"])
case("svd", lambda a: sum(f.abs().sum() for f in torch.linalg.svd(a, False)), real["23"])
case("svdvals", torch.linalg.svdvals, real["32"])
case("eigh", lambda a: torch.linalg.eigh(a @ a.T).eigenvectors.abs(), real["2n"])
case("eigvalsh", lambda a: torch.linalg.eigvalsh(a @ a.T), real["2n"])
case("pinv", torch.linalg.pinv, real["32"])
case("lstsq", lambda a, b: torch.linalg.lstsq(a, b).solution, real["32"], real["3n"])
case(
    "lstsq residuals", lambda a, b: torch.linalg.lstsq(a, b, driver="gels").residuals, real["32"], real["3n"]
)
case("lu", lambda a: torch.linalg.lu(a).L @ torch.linalg.lu(a).U ** 2, real["32"])
case("lu_factor", lambda a: torch.linalg.lu_factor(a).LU, real["23"])
case("matrix_exp", torch.linalg.matrix_exp, real["nn"])
case("matrix_power", lambda a: torch.linalg.matrix_power(a, 5), inside["nn"])
case("matrix_norm nuc", lambda a: torch.linalg.matrix_norm(a, "nuc"), real["32"])
case("matrix_norm 1", lambda a: torch.linalg.matrix_norm(a**3, 1), positive["nm"])
case("cond", torch.linalg.cond, real["22"])
case("multi_dot", lambda a, b, c: torch.linalg.multi_dot([a, b, c]), real["nm"], real["mp"], real["p"])
case("addmv", lambda x, a, v: torch.addmv(x, a, v, beta=0.5, alpha=2), real["n"], real["nm"], real["m"])
case("addr", lambda x, u, v: torch.addr(x, u, v, beta=0.5, alpha=2), real["nm"], real["n"], real["m"])
case("addbmm", lambda x, a, b: torch.addbmm(x, a, b, alpha=2), real["np"], real["2nm"], real["2mp"])
case("vdot", torch.vdot, real["n"], real["n"])
case("inner", torch.inner, real["nm"], real["pm"])
case("kron", torch.kron, real["nm"], real["2p"])
case("cross", torch.linalg.cross, real["n3"], real["n3"])
case("vander", lambda x: torch.vander(x, 4), real["n"])

case("trilinear", F.bilinear, real["nm"], real["np"], real["2mp"])
case("attention", F.scaled_dot_product_attention, real["12n3"], real["12m3"], real["12m3"])
case("attention of vectors", F.scaled_dot_product_attention, real["n3"], real["m3"], real["m2"])
case("tensordot", lambda a, b: torch.tensordot(a, b, 1), real["2nm"], real["mp"])
case("dist", lambda a, b: torch.dist(a, b, 3), real["nm"], real["m"])
case("cdist", lambda a, b: torch.cdist(a, b), real["nm"], real["pm"])
case("cdist 1", lambda a, b: torch.cdist(a, b, 1), real["2nm"], real["2pm"])
case("pdist", lambda a: torch.pdist(a, 3), real["3m"])
case("renorm", lambda x: x.renorm(2, 0, 1.0), real["nm"])
case("cov", lambda x: x.cov(), real["nm"])
case("corrcoef", lambda x: x.corrcoef(), real["n4"])
case("trapezoid", lambda y, x: torch.trapezoid(y, x), real["nm"], real["m"])
case("cumulative_trapezoid", lambda y: torch.cumulative_trapezoid(y, dx=0.5, dim=0), real["nm"])
case("gradient", lambda y: torch.gradient(y, spacing=0.5, edge_order=2)[1], real["34"])
case("diff", lambda x: x.diff(dim=0), real["nm"])
case("quantile", lambda x: x.quantile(0.3, 1), real["nm"])

# normalization
case("layer_norm", lambda x, w, b: torch.layer_norm(x, (3,), w, b), real["n3"], real["3"], real["3"])
case(
    "batch_norm",
    lambda x, w, b: torch.batch_norm(x, None, None, w, b, True),
    real["4m"],
    real["m"],
    real["m"],
)
case("group_norm", lambda x, w, b: torch.group_norm(x, 2, w, b), real["n43"], real["4"], real["4"])
case("instance_norm", lambda x, w: F.instance_norm(x, weight=w), real["nm4"], real["m"])
case("rms_norm", lambda x, w: torch.rms_norm(x, (3,), w), real["n3"], real["3"])
case("local_response_norm", lambda x: F.local_response_norm(x, 2, 0.5), real["n43"])

# convolution and pooling
case("conv1d", lambda x, w, b: F.conv1d(x, w, b, padding=1), real["2n4"], real["mn3"], real["m"])
case("conv2d", lambda x, w, b: F.conv2d(x, w, b, stride=2, padding=1), real["2n44"], real["mn33"], real["m"])
case(
    "conv_transpose2d", lambda x, w, b: F.conv_transpose2d(x, w, b, 2), real["2n33"], real["nm22"], real["m"]
)
case("conv3d", lambda x, w: F.conv3d(x, w, padding=1), real["n222"], real["mn222"])
case("max_pool2d", lambda x: F.max_pool2d(x, 2), real["2n44"])
case("max_pool3d", lambda x: F.max_pool3d(x, 2, padding=1), real["n333"])
case("avg_pool2d", lambda x: F.avg_pool2d(x, 2, padding=1), real["2n44"])
case("avg_pool3d", lambda x: F.avg_pool3d(x, 2), real["n444"])
case("lp_pool1d", lambda x: F.lp_pool1d(x, 3, 2), positive["2n4"])
case("adaptive_avg_pool2d", lambda x: F.adaptive_avg_pool2d(x, (2, 3)), real["2n45"])
case("adaptive_max_pool2d", lambda x: F.adaptive_max_pool2d(x, (2, 3)), real["2n45"])
case("along axes", lambda x: AlongAxes([torch.ones(3, 2).array])(x), real["n2"])
case("pick along axes", lambda x: PickAlongAxes([torch.tensor([1, 1, 0]).array])(x), real["n2"])
samples = torch.tensor([[0.3, 0.8], [0.6, 0.1]]).expand(2, 2, 2)
case(
    "fractional_max_pool2d",
    lambda x: F.fractional_max_pool2d(x, 2, 3, _random_samples=samples),
    real["2255"],
)
corners = torch.tensor([[[0, 3], [8, 5]]])
case("nearest", lambda x: F.interpolate(x, (5, 2)), real["2n43"])
case("bilinear", lambda x: F.interpolate(x, (5, 2), mode="bilinear"), real["2n43"])
case("pixel_shuffle", lambda x: F.pixel_shuffle(x, 2), real["4nm"])
case("pixel_unshuffle", lambda x: F.pixel_unshuffle(x, 2), real["n42"])
case("channel_shuffle", lambda x: F.channel_shuffle(x, 2), real["n4m"])
case("max_unpool2d", lambda x: F.max_unpool2d(x, corners, 2, output_size=(3, 3)), real["122"])
case("reflect", lambda x: F.pad(x, (2, 1, -1, 1), "reflect"), real["n33"])
case("replicate", lambda x: F.pad(x, (2, -1), "replicate"), real["n3"])
case("circular", lambda x: F.pad(x, (2, 1), "circular"), real["n3"])
window = Window(kernel=(2, 2), stride=(1, 1), padding=(0, 0), dilation=(1, 1))
case("im2col", lambda x: Im2Col(window)(x), real["2n33"])
case("col2im", lambda x: Col2Im(window, (2, 2, 3, 3))(x), real["284"])

# losses
labels, classes = torch.tensor([2, 0, -100, 1]), torch.tensor([2, 0, 1, 1])
costs = torch.tensor([1.0, 2.0, 3.0]).double()
case(
    "nll_loss",
    lambda x: torch.nll_loss(x.log_softmax(1), labels, torch.tensor([1.0, 2.0, 3.0]).double()),
    real["43"],
)
case("nll_loss none", lambda x: torch.nll_loss(x, labels, reduction="none"), real["43"])
case("mse_loss", loss.mse_loss, real["nm"], real["nm"])
case("mse_loss none", lambda x, y: loss.mse_loss(x, y, "none"), real["nm"], real["nm"])
case("smooth_l1_loss", loss.smooth_l1_loss, real["nm"], real["nm"])
case("huber_loss", lambda x, y: loss.huber_loss(x, y, "sum", 0.7), real["nm"], real["nm"])
signs = torch.tensor([[1.0], [-1.0], [1.0], [-1.0]]).double()
case("soft_margin_loss", lambda x: F.soft_margin_loss(x, signs), real["41"])
case("soft_margin_loss none", lambda x: F.soft_margin_loss(x, signs, reduction="none"), real["41"])
case("multi_margin_loss", lambda x: F.multi_margin_loss(x, classes, weight=costs), real["43"])
case("multi_margin_loss squared", lambda x: F.multi_margin_loss(x, classes, 2, reduction="sum"), real["43"])
case("multi_margin_loss one", lambda x: F.multi_margin_loss(x, torch.tensor(1), reduction="none"), real["3"])
case(
    "multilabel_margin_loss",
    lambda x: F.multilabel_margin_loss(x, torch.tensor([[2, 0, -1]] * 2)),
    positive["23"],
)
case(
    "ctc_loss",
    lambda x: F.ctc_loss(x.log_softmax(2), torch.tensor([[1, 2]] * 2), (3, 2), (2, 1)),
    real["323"],
)
case("bce", loss.binary_cross_entropy, unit["nm"], unit["nm"])
case("bce with logits", loss.binary_cross_entropy_with_logits, real["nm"], unit["nm"])
case("cross_entropy", lambda x: F.cross_entropy(x, labels, label_smoothing=0.1), real["43"])


# in place, on a copy: leaves must not be changed
def changed(change: Callable) -> Callable:
    def function(x, *others):
        copy = x.clone()
        change(copy, *others)
        return copy * x

    return function


def view_of_what_changed(x, y):
    base = x * 1
    view = base.t().unsqueeze(0).expand(2, -1, -1)
    base.mul_(y)
    return view


case("as_strided in a view", changed(lambda x, y: x.as_strided((2,), (2,)).mul_(y)), real["23"], real["2"])
case("add_", changed(lambda x, y: x.add_(y)), real["nm"], real["m"])
case("mul_", changed(lambda x, y: x.mul_(y)), real["nm"], real["m"])
case("exp_", changed(lambda x: x.exp_()), real["nm"])
case("sin_", changed(lambda x: x.sin_()), real["nm"])
case("copy_", changed(lambda x, y: x.copy_(y)), real["nm"], real["m"])
case("fill_", changed(lambda x, y: x.fill_(y)), real["nm"], real[""])
case("zero_", changed(lambda x: x.zero_()), real["nm"])
case("normal_", changed(lambda x: x.normal_(generator=torch.Generator().manual_seed(1))), real["nm"])
case("masked_fill_", changed(lambda x: x.masked_fill_(x > 0, 3.0)), real["nm"])
case("scatter_", changed(lambda x, y: x.scatter_(0, torch.tensor([[0, 1]]), y)), real["32"], real["12"])
case("setitem", changed(lambda x, y: x.__setitem__(0, y)), real["nm"], real["m"])
case("setitem of a mask", changed(lambda x: x.__setitem__(x > 0, 2.0)), real["nm"])
case("setitem in a view", changed(lambda x, y: x.t()[0].__setitem__(slice(0, 1), y)), real["nm"], real[""])
case("view of what changed", view_of_what_changed, real["nm"], real["m"])
case("alias", lambda x: x[...], real["nm"])
case("row +=", changed(lambda x, y: x[0].add_(y)), real["nm"], real["m"])

case("backward hooks", lambda x, y: torch.cat(BackwardHookFunction()(x, y)), real["n"], real["m"])

# what has no gradient
for name in ["eq", "ne", "lt", "le", "gt", "ge", "logical_and", "logical_or", "logical_xor", "isclose"]:
    case(name, getattr(torch, name), real, real)
for name in ["isnan", "isinf", "isposinf", "isneginf", "isfinite", "isreal", "signbit", "logical_not"]:
    case(name, getattr(torch, name), real)
case("heaviside", torch.heaviside, real, real)
case("gcd", lambda x, y: torch.gcd(x.long(), y.long()), real, real)
case("lcm", lambda x, y: torch.lcm(x.long(), y.long()), real, real)
case("bitwise_left_shift", lambda x, y: x.long().bitwise_left_shift(y.long()), positive, positive)
case("bitwise_right_shift", lambda x, y: x.long().bitwise_right_shift(y.long()), positive, positive)
case("bitwise_and", lambda x, y: (x > 0) & (y > 0), real, real)
case("bitwise_or", lambda x, y: (x > 0) | (y > 0), real, real)
case("bitwise_xor", lambda x, y: (x > 0) ^ (y > 0), real, real)
case("bitwise_not", lambda x: ~(x > 0), real)
