r"""Operations by family. Importing this package publishes their functions and tensor methods.

To add an operation, choose the file of its family and write its class there, its maths from top to bottom:

    class Lerp(Op):
        args = saves = ("start", "end", "weight")                     # tensors in, and what backward needs
        saved_for = {"start": ("weight",), "end": ("weight",)}        # … but for whose gradients only
        formula = r"\mathrm{start} + w\, (\mathrm{end} - \mathrm{start})"
        vjp = (r"g\, (1 - w)", r"g\, w", r"g \odot (\mathrm{end} - \mathrm{start})")
        symbols = {"w": "weight"}                                     # names in this LaTeX that differ
        terms = ("start", "end")                                      # what an element of out is a sum of

        def forward(self, start, end, weight): ...                    # on arrays
        def backward(self, g, start, end, weight): ...                # on arrays and on Tensors

`terms` lets the operation explain itself (gradviz.engine.explain): the arguments, or products of arguments
("a b"), that an element of the output adds up, each times a coefficient that backward knows. It is left out
where every element is made of one element of each argument, as in exp or mul, and for views. Where neither
holds (softmax, norm), a method `decompose(nr, index, *arrays)` says how the element `index` of output `nr`
is made. Gradients need nothing: their terms follow from backward.

Then publish the function that calls it, `@torch_function` and `@tensor_method`, and give it a line in
tests/engine/cases.py. All tests of all operations do the rest: they compare the gradient and its gradient
with finite differences, add up the terms, and compute what the formula and the rule say.
"""

from gradviz.engine.ops import (
    activation,
    arithmetic,
    bessel,
    cholesky,
    clamping,
    combinations,
    comparison,
    compound,
    cumulative,
    diagonals,
    differences,
    distances,
    distinct,
    division,
    einsum,
    embedding,
    extremes,
    factorization,
    filling,
    gamma,
    gathering,
    gaussian,
    indexing,
    inplace_shape,
    integers,
    joining,
    linalg,
    loss,
    lu,
    masking,
    matmul,
    matrix_functions,
    nll_loss,
    normalization,
    operators,
    pointwise,
    product,
    products,
    pseudoinverse,
    quantiles,
    rearranging,
    reduction,
    scatter_reduce,
    searching,
    shape,
    shuffling,
    softmax,
    solving,
    special,
    statistics,
    storage,
    trigonometric,
    unfolding,
    variance,
    writing,
)

__all__ = [
    "activation",
    "arithmetic",
    "bessel",
    "cholesky",
    "clamping",
    "combinations",
    "comparison",
    "compound",
    "cumulative",
    "diagonals",
    "differences",
    "distances",
    "distinct",
    "division",
    "einsum",
    "embedding",
    "extremes",
    "factorization",
    "filling",
    "gamma",
    "gathering",
    "gaussian",
    "indexing",
    "inplace_shape",
    "integers",
    "joining",
    "linalg",
    "loss",
    "lu",
    "masking",
    "matmul",
    "matrix_functions",
    "nll_loss",
    "normalization",
    "operators",
    "pointwise",
    "product",
    "products",
    "pseudoinverse",
    "quantiles",
    "rearranging",
    "reduction",
    "scatter_reduce",
    "searching",
    "shape",
    "shuffling",
    "softmax",
    "solving",
    "special",
    "statistics",
    "storage",
    "trigonometric",
    "unfolding",
    "variance",
    "writing",
]
