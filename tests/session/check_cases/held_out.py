# ruff: noqa: E501 (a table: one loss a row)
"""Losses that were written when the check was done, and that it was not adjusted to: how well it does on what
it has not seen. At first all 20 mistakes were located,
and one of the 20 right losses was falsely accused ("soft and hard together"): the search for what a detach()
cuts off looked at a copy of the operation that had lost its edges."""

from tests.session.check_cases.case import Case, Plain
from tests.session.check_cases.wrong import KEEP, KEEP2, LABELS, ONE_HOT, RANKED, TWO, XY, X

CONTEXT = """class Op(torch.autograd.Function):
    @staticmethod
    def forward(x, scale):
        return scale * x ** 3

    @staticmethod
    def setup_context(ctx, inputs, output):
        x, ctx.scale = inputs
        ctx.save_for_backward({saved})

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return 3 * ctx.scale * g * x ** 2, None


def loss(outputs, labels):
    return Op.apply(outputs, 0.5).mean()
"""
LAYER = """class Op(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, w, b):
        ctx.save_for_backward(x, w)
        return x @ w.t() + b

    @staticmethod
    def backward(ctx, g):
        x, w = ctx.saved_tensors
        return g @ w, g.t() @ x, {bias}


class Loss(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.randn(4, 10))
        self.b = nn.Parameter(torch.randn(4))

    def forward(self, outputs, labels):
        return (Op.apply(outputs, self.w, self.b).tanh() ** 2).mean()
"""
TWICE = """class Half(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x / 2

    @staticmethod
    def backward(ctx, g):
        return g / 2


class Op(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, y):
        ctx.save_for_backward(x, y)
        return torch.logaddexp(x, y)

    @staticmethod
    def backward(ctx, g):
        x, y = ctx.saved_tensors
        p = torch.sigmoid(x - y)
        return g * p, g * {other}


def loss(outputs, labels):
    a = Half.apply(outputs)
    return Half.apply(Op.apply(a, outputs.flip(1)) ** 2).mean()
"""

WRONG_HELD_OUT = [
    Plain("setup_context saves the output", CONTEXT.format(saved="output")),
    Plain("a layer's bias is not summed", LAYER.format(bias="g.mean(0)")),
    Plain("log-add-exp gives both the same", TWICE.format(other="p")),
    Case("softplus with tanh", KEEP + "F.softplus(x)", X + "return g * x.tanh()"),
    Case("gelu as if it were x times sigmoid", KEEP + "F.gelu(x)", X + "s = x.sigmoid(); return g * (s + x * s * (1 - s))"),
    Case("cosine similarity without its projection", KEEP2 + "F.cosine_similarity(x, y)",
         XY + "n = x.norm(dim=1) * y.norm(dim=1); return (g / n)[:, None] * y, None",
         "return Op.apply(outputs, F.one_hot(labels, 10).to(outputs.dtype) + 0.1).mean()", "x, y"),
    Case("standardized without the mean's part", KEEP + "(x - x.mean(1, True)) / x.std(1, keepdim=True)",
         X + "return g / x.std(1, keepdim=True)", RANKED + ".mean()"),
    Case("cumprod as if it were a cumsum", KEEP + "(x + 2).cumprod(1)", X + "return g.flip(1).cumsum(1).flip(1)"),
    Case("padding is cut on the wrong side", "return F.pad(x, (2, 0))", "return g[:, :-2]", "return (Op.apply(outputs) * torch.arange(12.0).to(outputs.dtype)).mean()"),
    Case("index_add forgets repeated rows", "ctx.save_for_backward(y); return x[y]",
         "y, = ctx.saved_tensors; r = g.new_zeros(10, g.shape[1]); r[y] = g; return r, None",
         "return (Op.apply(outputs[:10], labels) ** 2).mean()", "x, y"),
    Case("minimum gives to the larger", KEEP2 + "torch.minimum(x, y)",
         XY + "m = (x > y).to(g.dtype); return g * m, g * (1 - m)", TWO, "x, y"),
    Case("kl without its factor", KEEP2 + "(y * ((y + 1e-9).log() - x.log_softmax(1))).sum() / len(x)",
         XY + "return g * (x.softmax(1) * 2 - y) / len(x), None", ONE_HOT, "x, y"),
    Case("hinge squared without its hinge", KEEP + "(1 - x).clamp(min=0) ** 2", X + "return -2 * g * (1 - x)"),
    Case("dice without the quotient rule", KEEP2 + "1 - 2 * (x.sigmoid() * y).sum() / (x.sigmoid().sum() + y.sum())",
         XY + "p = x.sigmoid(); return -g * 2 * y * p * (1 - p) / (p.sum() + y.sum()), None", ONE_HOT, "x, y"),
    Case("reshaped in the wrong order", "ctx.n = len(x); return x.t().reshape(-1)", "return g.reshape(ctx.n, 10)",
         "return (Op.apply(outputs) * torch.arange(float(outputs.numel())).to(outputs.dtype)).mean()"),
    Case("trace of a product", KEEP2 + "(x.T @ y).trace()", XY + "return g * x, g * y", "return Op.apply(outputs, outputs.exp())", "x, y"),
    Case("tanh's saturated part clipped", KEEP + "(2 * x).tanh()", X + "t = (2 * x).tanh(); return 2 * g * (1 - t * t).clamp(min=0.5)"),
    Case("wrong only where positive", KEEP + "x ** 3", X + "return g * 3 * x.abs() * x"),
    Case("entropy without its one", KEEP + "-(x.softmax(1).log() * x.softmax(1)).sum(1)",
         X + "p = x.softmax(1); return -g[:, None] * p * p.log()"),
    Case("two outputs, one forgotten", KEEP + "x.exp(), x ** 2", X + "return g * x.exp()",
         "a, b = Op.apply(outputs)\nreturn (a + 3 * b).mean()", g="g, h"),
]  # fmt: skip

RIGHT_HELD_OUT = [
    Plain("setup_context", CONTEXT.format(saved="x")),
    Plain("a layer of its own", LAYER.format(bias="g.sum(0)")),
    Plain("log-add-exp", TWICE.format(other="(1 - p)")),
    Case("relu to six", KEEP + "x.clamp(0, 6)", X + "return g * ((x > 0) & (x < 6)).to(g.dtype)"),
    Case("hard shrink", KEEP + "torch.where(x.abs() > 0.2, x, 0.0)", X + "return g * (x.abs() > 0.2).to(g.dtype)"),
    Case("floor, straight through", "return x.floor()", "return g", "return (Op.apply(outputs * 5) ** 2).mean()"),
    Case("k-th largest", "v, i = x.kthvalue(4, 1); ctx.i = i; ctx.shape = x.shape; return v",
         "return g.new_zeros(ctx.shape).scatter(1, ctx.i[:, None], g[:, None])"),
    Case("range of a row", KEEP + "x.amax(1) - x.amin(1)",
         X + "return g[:, None] * (F.one_hot(x.argmax(1), 10) - F.one_hot(x.argmin(1), 10)).to(g.dtype)"),
    Case("largest size", KEEP + "x.abs().amax(1)",
         X + "i = x.abs().argmax(1)[:, None]; return torch.zeros_like(x).scatter(1, i, x.gather(1, i).sign() * g[:, None])"),
    Case("l1 of neighbours", KEEP + "(x[:, 1:] - x[:, :-1]).abs()",
         X + "s = g * (x[:, 1:] - x[:, :-1]).sign(); return F.pad(s, (1, 0)) - F.pad(s, (0, 1))"),
    Case("cumulative maximum", "v, i = x.cummax(1); ctx.i = i; return v", "return torch.zeros_like(g).scatter_add(1, ctx.i, g)",
         RANKED + ".mean()"),
    Case("wing loss", KEEP + "torch.where(x.abs() < 1, 2 * (1 + x.abs() / 0.5).log(), x.abs() + 2 * 3 ** 0.5 - 1)",
         X + "return g * x.sign() * torch.where(x.abs() < 1, 2 / (0.5 + x.abs()), 1.0)"),
    Case("margin over the best other", "ctx.save_for_backward(x, y); m = F.one_hot(y, 10).bool()\n"
         "return (1 + x.masked_fill(m, -1e9).amax(1) - x[m]).clamp(min=0).mean()",
         "x, y = ctx.saved_tensors; m = F.one_hot(y, 10); o = x.masked_fill(m.bool(), -1e9); i = o.argmax(1)\n"
         "on = (1 + o.amax(1) - x[m.bool()] > 0).to(x.dtype)[:, None] / len(x)\n"
         "return g * on * (F.one_hot(i, 10) - m), None", LABELS, "x, y"),
    Plain("dead zone", "return (outputs.abs() - 0.2).clamp(min=0).pow(2).mean()"),
    Plain("soft and hard together", "hard = F.one_hot(outputs.argmax(1), 10).to(outputs.dtype)\nsoft = outputs.softmax(1)\n"
          "y = hard - soft.detach() + soft\nreturn ((y - F.one_hot(labels, 10)) ** 2).mean()"),
    Plain("trimmed mean", "l = F.cross_entropy(outputs, labels, reduction='none')\nreturn l.sort()[0][: len(l) * 3 // 4].mean()"),
    Plain("pinball at three quantiles", "q = torch.tensor([0.1, 0.5, 0.9])\ne = labels[:, None].to(outputs.dtype) - outputs[:, :3]\n"
          "return torch.maximum(q * e, (q - 1) * e).mean()"),
    Plain("hardest negative", "d = torch.cdist(outputs, outputs)\nsame = labels[:, None] == labels[None]\n"
          "p = d.masked_fill(~same, 0).amax(1)\nn = d.masked_fill(same, 1e9).amin(1)\nreturn F.relu(p - n + 0.3).mean()"),
    Plain("gradient penalty", "x = outputs.detach().requires_grad_()\nz = (x @ torch.ones(10, 10).to(x.dtype)).tanh().sum()\n"
          "g, = torch.autograd.grad(z, x, create_graph=True)\nreturn (outputs ** 2).mean() + ((g.norm(dim=1) - 1) ** 2).mean()"),
    Plain("numbers in the state", "import math\n\nclass Loss(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.step = 0\n\n"
          "    def forward(self, outputs, labels):\n        self.step += 1\n        w = math.exp(-self.step / 10)\n"
          "        return w * F.cross_entropy(outputs, labels) + (1 - w) * outputs.logsumexp(1).pow(2).mean()\n"),
]  # fmt: skip
