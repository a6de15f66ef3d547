"""A custom autograd.Function whose backward is wrong: half of the gradient is missing. Gradient check finds it."""

import torch
import torch.nn.functional as F


class Square(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x

    @staticmethod
    def backward(ctx, grad_output):
        (x,) = ctx.saved_tensors
        return grad_output * x  # wrong: the derivative of x * x is 2 * x


def squared_error(outputs, labels):
    targets = F.one_hot(labels, num_classes=10).float()
    return Square.apply(outputs - targets).mean()
