"""Samples of PyTorch's operator database on which the engine is allowed to disagree, each with a reason."""

COMPLEX = "complex numbers are not supported"
OVERLAP = "`out` that overlaps an input, or itself, does no harm here: it is written after all is computed"
OUT_DTYPE = "`out` takes any dtype that the result can be cast to, as it does for most of PyTorch's functions"
METHOD_OF_NUMBER = "an operator's method called on a number, which is Python's affair"
MANY_DIMENSIONS = "NumPy's own limit of 64 dimensions has NumPy's words"
INTERNAL = 'PyTorch says "internal error" where the engine says what is wrong'
NO_GRADIENT = "PyTorch has no gradient for it in place"
NUMBER_BY_POSITION = "no dimension, and yet written to in place by position"
TIES = "which of equal integers comes first is not determined"
CANCELS = "a gradient in which nearly everything cancels: in float32 both are mostly rounding"
AS_STRIDED_IN_PLACE = "`as_strided_` is not there: it would change what memory a tensor means"
PART_OF_MEMORY = "the sample lies within a larger memory, of which only the sample is translated"
POLES = "infinite at negative integers, where PyTorch's rounding leaves some 1e31"
MINUS_ZERO = "the sign of an infinite gradient at -0.0"
SLOPE_AT_NAN = "PyTorch's slope at NaN is a number"
NOT_REFUSED = "PyTorch takes this number, whatever its database says"

# (operation, pattern of the samples' descriptions): reason
SKIPS: dict[tuple[str, str], str] = {
    ("acosh", r"in-place: float64\["): NO_GRADIENT,
    ("asinh", r"in-place: float64\["): NO_GRADIENT,
    ("atanh", r"in-place: float64\["): NO_GRADIENT,
    ("arange", r"error: .* out="): "PyTorch counts in the dtype of `out`, in which half a step is none",
    ("clamp_max", r"error: int64\[3\], 2"): NOT_REFUSED,
    ("clamp_min", r"error: int64\[3\], 2"): NOT_REFUSED,
    ("kthvalue", r"error: .* out="): OVERLAP,
    ("kthvalue", r"int64: int64\[5, 5, 5\], 2"): TIES,
    ("topk", r"int64: int64\[5, 10, 5\], 3"): TIES,
    ("nn.functional.batch_norm", r": float\d\d\[0\], float\d\d\[0\]"): "an empty vector has no channels",
    ("mode", r"int64: int64\[3000\]"): TIES,
    ("gradient", r"error: .*complex64"): COMPLEX,
    ("gradient", r"error: .*spacing=\(int64\[3\], int64\[3\]\)"): "its coordinates are on the device `meta`",
    ("as_strided", r"in-place: "): AS_STRIDED_IN_PLACE,
    ("as_strided.partial_views", r"in-place: "): AS_STRIDED_IN_PLACE,
    ("as_strided.partial_views", r"(float64|float32|int64|method): .* storage_offset="): PART_OF_MEMORY,
    ("masked_fill", r"complex64"): COMPLEX,
    ("masked_select", r"error: .* out="): OVERLAP,
    ("aminmax", r"error: float32\[1, 1, 1, 1, 1,"): MANY_DIMENSIONS,
    ("amax", r"error: float32\[1, 1, 1, 1, 1,"): MANY_DIMENSIONS,
    ("amin", r"error: float32\[1, 1, 1, 1, 1,"): MANY_DIMENSIONS,
    ("aminmax", r"error: .* out="): OUT_DTYPE,
    ("amax", r"error: .* out="): OUT_DTYPE,
    ("amin", r"error: .* out="): OUT_DTYPE,
    ("nn.functional.conv1d", r"complex128"): COMPLEX,
    ("nn.functional.conv2d", r"complex128"): COMPLEX,
    ("nn.functional.conv3d", r"complex128"): COMPLEX,
    ("__radd__", r"error: 2, int64"): METHOD_OF_NUMBER,
    ("__rmul__", r"error: 2, int64"): METHOD_OF_NUMBER,
    ("__rand__", r"error: 2, int64"): METHOD_OF_NUMBER,
    ("__ror__", r"error: 2, int64"): METHOD_OF_NUMBER,
    ("__rxor__", r"error: 2, int64"): METHOD_OF_NUMBER,
    ("gather", r"error: .* out=float64"): OUT_DTYPE,
    ("gather", r"error: .* out=(float32|int64)"): OVERLAP,
    ("take", r"error: .* out="): OVERLAP,
    ("index_fill", r"in-place: float64\[\], 0"): NUMBER_BY_POSITION,
    ("index_copy", r"in-place: float64\[\], 0"): NUMBER_BY_POSITION,
    ("index_select", r"error: .* out="): OVERLAP,
    ("nn.functional.adaptive_max_pool2d", r"output_size=\(\)"): INTERNAL,
    ("nn.functional.adaptive_max_pool3d", r"output_size=\(\)"): INTERNAL,
    ("multinomial", r"error: .* out="): OUT_DTYPE,
    ("bernoulli", r"error: .* out="): OVERLAP,
    ("cat", r"error: \(.* out=float32"): OVERLAP,
    ("digamma", r"special values: "): POLES,
    ("polygamma.polygamma_n_0", r"special values: "): POLES,
    ("polygamma.polygamma_n_1", r"special values: "): POLES,
    ("polygamma.polygamma_n_2", r"special values: "): POLES,
    ("polygamma.polygamma_n_3", r"special values: "): POLES,
    ("polygamma.polygamma_n_4", r"special values: "): POLES,
    ("special.polygamma.special_polygamma_n_0", r"special values: "): POLES,
    ("mvlgamma.mvlgamma_p_1", r"special values: "): MINUS_ZERO,
    ("mvlgamma.mvlgamma_p_3", r"special values: "): MINUS_ZERO,
    ("mvlgamma.mvlgamma_p_5", r"special values: "): MINUS_ZERO,
    ("logit", r"special values: "): MINUS_ZERO,
    ("special.i1", r"special values: "): SLOPE_AT_NAN,
    ("special.i1e", r"special values: "): SLOPE_AT_NAN,
    ("cov", r"float32: float32\[3, 2\], correction=1, fweights=None, aweights=float32\[2\] #1"): CANCELS,
    ("logcumsumexp", r"float32: float32\[5, 5, 5\], 0 #1"): CANCELS,
    (
        "nn.functional.ctc_loss",
        r"float32: float32\[50, 16, 20\].*'none', zero_infinity=(True|False) #1",
    ): "PyTorch adds 50 frames of logarithms up in float32, and is off by 0.0001",
}
