"""Where the engine's graph is allowed to differ from PyTorch's, each with a reason."""

NUMBER = "a number counts as a vector of one, which PyTorch does inside its node"
MEMORY_FORMAT = "there is one memory format, so that nothing is copied for another one"
FUSED = "one node in PyTorch, several steps here"
COMPOSED = "several steps in PyTorch, one node here"
WEIGHTS = "weights that require grad take part in another order"
BAGS = "weights are made flat by a view, and have no edge where the largest is taken"
LAYOUT = "the same steps on a tensor that lies otherwise in memory"
EMPTY_BATCH = "for an empty batch PyTorch only makes a copy"

# What PyTorch computes chunk by chunk, in one node.
UNSMOOTHED = r"out_features=\(\).*label_smoothing=0.0, options=Linear.* of float64\[[^]]*\], int64\[\d*\]"
LABELS = r"^float64: float64\[[^]]*\], float64\[\d+, \d+\], int64\[\d*\], "

# program: reason
PROGRAMS: dict[str, str] = {}

# (operation, pattern of the samples' descriptions): reason
OPERATIONS: dict[tuple[str, str], str] = {
    ("as_strided.partial_views", r"storage_offset=10"): "the sample is given without the memory around it",
    (
        "cdist",
        r"\[[1-9, ]+\], float64\[[1-9, ]+\], 2\.0, 'use_mm",
    ): "told to use a product, PyTorch takes other steps",
    ("combinations", r""): COMPOSED,
    ("cov", r"aweights=float"): WEIGHTS,
    ("double", r"channels_last"): MEMORY_FORMAT,
    ("gradient", r""): "each difference is divided once in PyTorch, by a number or a tensor",
    ("index_add", r"float64\[\], 0, int64\[1\]"): NUMBER,
    ("index_copy", r"float64\[\], 0, int64\[1\]"): NUMBER,
    ("index_fill", r"float64\[\], 0, int64\[1\]"): NUMBER,
    ("index_reduce.amax", r"float64\[\], 0, int64\[1\]"): NUMBER,
    ("index_reduce.amin", r"float64\[\], 0, int64\[1\]"): NUMBER,
    ("index_reduce.mean", r"float64\[\], 0, int64\[1\]"): NUMBER,
    ("index_reduce.prod", r"float64\[\], 0, int64\[1\]"): NUMBER,
    ("index_select", r"float64\[\], 0, int64\[1\]"): NUMBER,
    ("linalg.lu", r""): "PyTorch numbers only the outputs that have a gradient",
    ("linalg.lu_solve", r""): FUSED,
    ("linalg.matrix_power", r"float64\[2, 2, 2\], -[24]"): LAYOUT,
    (
        "linalg.multi_dot",
        r"\(float64\[2, 2\], float64\[2, 2\], float64\[2, 2\]\)",
    ): "of two orders that cost the same PyTorch takes the other",
    ("linalg.solve_triangular", r"left=False"): "solved as its transpose",
    ("linalg.tensorinv", r""): LAYOUT,
    ("linalg.vander", r"float64\[\]"): NUMBER,
    ("lu_solve", r""): FUSED,
    ("lu_unpack", r""): FUSED,
    ("nn.functional.batch_norm", r"float64\[0\]"): EMPTY_BATCH,
    ("nn.functional.ctc_loss", r"zero_infinity=True"): COMPOSED,
    ("nn.functional.embedding_bag", r"mode='max'"): BAGS,
    (
        "nn.functional.embedding_bag",
        r"(offsets|padding_idx)=.*_weights=float",
    ): BAGS,
    ("nn.functional.linear_cross_entropy.chunked", LABELS): FUSED,
    ("nn.functional.linear_cross_entropy.chunked_none", LABELS): FUSED,
    ("nn.functional.grid_sample", r""): FUSED,
    ("ravel", r"#2"): "the sample is given without the gaps in its memory",
    ("tensordot", r"float64\[1, 1, 1\]"): "a product of single numbers",
    ("to", r"False, memory_format=torch.channels_last"): MEMORY_FORMAT,
    ("unfold", r"float64\[\]"): NUMBER,
}

# (module, pattern of the samples' descriptions): reason
MODULES: dict[tuple[str, str], str] = {
    ("nn.LinearCrossEntropyLoss", UNSMOOTHED): FUSED,
    ("nn.BatchNorm1d", r"of float64\[0,"): EMPTY_BATCH,
    ("nn.BatchNorm2d", r"of float64\[0,"): EMPTY_BATCH,
    ("nn.BatchNorm3d", r"of float64\[0,"): EMPTY_BATCH,
}
