# ruff: noqa: E501 (a table: one loss a row)
"""Losses whose gradients are right: with kinks and flat regions, with Functions of their own and without."""

from tests.session.check_cases.case import Case, Plain
from tests.session.check_cases.wrong import KEEP, KEEP2, LABELS, ONE_HOT, RANKED, TWO, XY, P, X

RIGHT = [
    # Functions of one's own with kinks and flat regions
    Case("relu", KEEP + "x.clamp(min=0)", X + "return g * (x > 0).to(g.dtype)"),
    Case("relu that is 1 at 0", KEEP + "x.clamp(min=0)", X + "return g * (x >= 0).to(g.dtype)"),
    Case("hinge", KEEP + "(1 - x).clamp(min=0)", X + "return -g * (x < 1).to(g.dtype)"),
    Case("abs", KEEP + "x.abs()", X + "return g * x.sign()"),
    Case("abs with half a slope at 0", KEEP + "x.abs()", X + "return g * torch.where(x == 0, 0.5, x.sign())"),
    Case("clamp", KEEP + "x.clamp(-1, 1)", X + "return g * ((x >= -1) & (x <= 1)).to(g.dtype)"),
    Case("max of a row", KEEP + "x.max(1)[0]", X + "return g[:, None] * F.one_hot(x.argmax(1), 10).to(g.dtype)"),
    Case("amax shares evenly", KEEP + "x.amax(1)",
         X + "m = (x == x.amax(1, keepdim=True)).to(g.dtype); return g[:, None] * m / m.sum(1, keepdim=True)"),
    Case("max of two", KEEP2 + "torch.maximum(x, y)",
         XY + "m = (x >= y).to(g.dtype); return g * m, g * (1 - m)", TWO, "x, y"),
    Case("max of two, halves", KEEP2 + "torch.maximum(x, y)",
         XY + "m = ((x > y) + 0.5 * (x == y)).to(g.dtype); return g * m, g * (1 - m)",
         TWO.replace(" * 2", ""), "x, y"),
    Case("sort", "s, i = x.sort(1); ctx.i = i; return s", "return torch.zeros_like(g).scatter(1, ctx.i, g)",
         RANKED + ".mean()"),
    Case("top three", "v, i = x.topk(3, 1); ctx.i = i; ctx.shape = x.shape; return v",
         "return g.new_zeros(ctx.shape).scatter(1, ctx.i, g)"),
    Case("median", "v, i = x.median(1); ctx.i = i; ctx.shape = x.shape; return v",
         "return g.new_zeros(ctx.shape).scatter(1, ctx.i[:, None], g[:, None])"),
    Case("huber", KEEP + "torch.where(x.abs() < 1, 0.5 * x * x, x.abs() - 0.5)",
         X + "return g * torch.where(x.abs() < 1, x, x.sign())"),
    Case("quantile", KEEP + "torch.maximum(0.9 * x, -0.1 * x)", X + "return g * torch.where(x > 0, 0.9, -0.1)"),
    Case("epsilon-insensitive", KEEP + "(x.abs() - 0.5).clamp(min=0)",
         X + "return g * x.sign() * (x.abs() > 0.5).to(g.dtype)"),
    Case("leaky relu", KEEP + "torch.where(x > 0, x, 0.1 * x)", X + "return g * torch.where(x > 0, 1.0, 0.1)"),
    Case("soft threshold", KEEP + "x.sign() * (x.abs() - 0.3).clamp(min=0)",
         X + "return g * (x.abs() > 0.3).to(g.dtype)"),
    Case("median of absolute values", KEEP + "x.abs().median(1)[0]",
         X + "i = x.abs().median(1)[1][:, None]; return torch.zeros_like(x).scatter(1, i, g[:, None]) * x.sign()"),
    Case("no gradient where flat", KEEP + "(x > 0).to(x.dtype)", X + "return torch.zeros_like(x)",
         "return (Op.apply(outputs) * outputs).mean()"),
    # straight through
    Case("round, straight through", "return x.round()", "return g", "return (Op.apply(outputs * 3) ** 2).mean()"),
    Case("sign, straight through within 1", KEEP + "x.sign()", X + "return g * (x.abs() <= 1).to(g.dtype)",
         "return ((Op.apply(outputs) - 0.5) ** 2).mean()"),
    Case("spike with a surrogate", KEEP + "(x > 0.1).to(x.dtype)", X + "return g / (1 + x.abs()) ** 2",
         "return ((Op.apply(outputs) - 0.2) ** 2).mean()"),
    Case("clamp, straight through, said so", "return x.clamp(-0.1, 0.1)", "return g",
         "Op.surrogate_gradient = True\nreturn Op.apply(outputs).mean()"),
    Case("gradient reversal, said so", "return x.clone()", "return -g",
         "Op.surrogate_gradient = True\nreturn Op.apply(outputs).mean()"),
    # smooth Functions
    Case("cross-entropy", "ctx.save_for_backward(x, y); return F.cross_entropy(x, y)",
         P + "return g * (p - q) / len(x), None", LABELS, "x, y"),
    Case("cross-entropy with an ignored label",
         "ctx.save_for_backward(x, y); return F.cross_entropy(x, y, ignore_index=3)",
         P + "k = (y != 3).to(x.dtype); return g * k[:, None] * (p - q) / k.sum(), None", LABELS, "x, y"),
    Case("log-sum-exp", KEEP + "x.logsumexp(1)", X + "return g[:, None] * x.softmax(1)"),
    Case("bce with logits", KEEP2 + "F.binary_cross_entropy_with_logits(x, y)",
         XY + "return g * (x.sigmoid() - y) / x.numel(), None", ONE_HOT, "x, y"),
    Case("log with a small number added", KEEP + "-(x.softmax(1) + 1e-8).log()",
         X + "p = x.softmax(1); h = -g; return h - p * h.sum(1, keepdim=True)"),
    Case("a gradient for its row", KEEP2 + "x * y", XY + "return g * y, (g * x).sum(0)",
         "return (Op.apply(outputs, outputs.mean(0)) ** 2).mean()", "x, y"),
    Case("a gradient that is broadcast back", KEEP2 + "x * y", XY + "return g * y, g * x",
         "return (Op.apply(outputs, outputs.mean(0)) ** 2).mean()", "x, y"),
    Case("dropout of its own", "m = (torch.rand(x.shape) > 0.5).to(x.dtype); ctx.m = m; return x * m * 2",
         "return g * ctx.m * 2"),
    Case("asks for the right input", KEEP2 + "x * y",
         XY + "return g * y if ctx.needs_input_grad[0] else None, g * x if ctx.needs_input_grad[1] else None",
         TWO, "x, y"),
    Case("two outputs", KEEP + "x.sin(), x.cos()", X + "return g * x.cos() - h * x.sin()",
         "a, b = Op.apply(outputs)\nreturn (a * b).mean()", g="g, h"),
    Case("an output that has no gradient", "i = x.argmax(1); ctx.save_for_backward(x, i)\n"
         "ctx.mark_non_differentiable(i); return x.max(1)[0], i",
         "x, i = ctx.saved_tensors; return g[:, None] * F.one_hot(i, 10).to(g.dtype)",
         "m, i = Op.apply(outputs)\nreturn m.mean() + 0 * i.sum()", g="g, _"),
    # without a Function
    Plain("cross-entropy of torch", "return F.cross_entropy(outputs, labels)"),
    Plain("multi-class hinge", "t = outputs.gather(1, labels[:, None])\nreturn (1 + outputs - t).clamp(min=0).mean()"),
    Plain("l1 to one-hot", "return F.l1_loss(outputs, F.one_hot(labels, 10).float())"),
    Plain("smooth l1", "return F.smooth_l1_loss(outputs, F.one_hot(labels, 10).to(outputs.dtype), beta=0.1)"),
    Plain("top-k loss", "return F.cross_entropy(outputs, labels, reduction='none').topk(8)[0].mean()"),
    Plain("sorted margins", "s = outputs.sort(1, descending=True)[0]\nreturn (0.3 - s[:, 0] + s[:, 1]).clamp(min=0).mean()"),
    Plain("running maximum", "return outputs.cummax(1)[0].mean() + outputs.cumprod(1).sum()"),
    Plain("where and sign", "return torch.where(outputs > 0, outputs.sqrt(), outputs ** 2 * outputs.sign()).nanmean()"),
    Plain("distances with a zero diagonal", "d = torch.cdist(outputs, outputs)\nreturn (d - 1).abs().mean()"),
    Plain("norm of zeros", "return (outputs * 0).norm() + (outputs ** 2).mean()"),
    Plain("focal with its weight detached", "p = outputs.softmax(1).gather(1, labels[:, None])\n"
          "w = ((1 - p) ** 2).detach()\nreturn -(w * p.log()).mean()"),
    Plain("straight through by detach", "q = outputs + (outputs.round() - outputs).detach()\nreturn ((q - 1) ** 2).mean()"),
    Plain("weights under no_grad", "with torch.no_grad():\n    w = outputs.softmax(1)\nreturn (w * outputs).sum(1).mean()"),
    Plain("dropout in the loss", "return F.cross_entropy(F.dropout(outputs, 0.5), labels)"),
    Plain("noise in the loss", "return F.cross_entropy(outputs + 0.1 * torch.randn_like(outputs), labels)"),
    Plain("ignored labels", "return F.cross_entropy(outputs, torch.where(labels > 6, -100, labels))"),
    Plain("a loss that counts its calls", "class Loss(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
          "        self.calls = 0\n        self.center = nn.Parameter(torch.zeros(10))\n\n"
          "    def forward(self, outputs, labels):\n        self.calls += 1\n"
          "        return ((outputs - self.center) ** 2).mean() * self.calls\n"),
    Plain("a mean that is kept", "class Loss(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
          "        self.register_buffer('mean', torch.zeros(10))\n\n    def forward(self, outputs, labels):\n"
          "        self.mean = 0.9 * self.mean + 0.1 * outputs.detach().mean(0)\n"
          "        return (outputs - self.mean).abs().mean() + 0 * outputs.sum()\n"),
    Plain("regression", "return ((outputs.squeeze(1) - labels.squeeze(1)) ** 2).mean()"),
    Plain("triplet", "criterion = nn.TripletMarginLoss(margin=0.5)"),
    Plain("cosine embedding", "criterion = nn.CosineEmbeddingLoss()"),
    Plain("margin ranking", "criterion = nn.MarginRankingLoss(margin=0.1)\nexample_inputs = ("
          "torch.randn(8, requires_grad=True), torch.randn(8, requires_grad=True), torch.ones(8))"),
    Plain("probabilities wanted", "criterion = nn.BCELoss()"),
    Plain("example of its own", "def example_inputs():\n    return torch.randn(6, 4, 5), torch.randint(4, (6, 5))\n\n\n"
          "def loss(outputs, labels):\n    return F.cross_entropy(outputs, labels)\n"),
]  # fmt: skip
