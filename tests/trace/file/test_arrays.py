"""Arrays in a file: what NumPy writes is read, and nothing else; no header makes the reader allocate."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

from gradviz.trace.file.arrays import NpyError, decode, header_and_data, name_of, storable

DTYPES = "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64 complex64 complex128"


def stored(array: np.ndarray) -> bytes:
    header, data = header_and_data(array)
    return header + data.tobytes()


def npy(array: np.ndarray, **options: object) -> bytes:
    file = io.BytesIO()
    np.lib.format.write_array(file, array, (1, 0), **options)  # type: ignore[arg-type]
    return file.getvalue()


def claiming(header: str, data: bytes = bytes(24)) -> bytes:
    line = header.encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(line).to_bytes(2, "little") + line + data


@given(
    st.sampled_from(DTYPES.split()).flatmap(
        lambda dtype: arrays_of.arrays(dtype, arrays_of.array_shapes(min_dims=0, min_side=0, max_side=4))
    )
)
def test_an_array_comes_back_as_it_was(array):
    assert storable(array)
    back = decode(stored(array))
    assert (back.dtype, back.shape) == (array.dtype, array.shape)
    assert back.tobytes() == array.tobytes()


@pytest.mark.parametrize("make", [np.asfortranarray, lambda a: a.astype(">f4"), lambda a: a[::-1, ::2]])
def test_any_layout_in_memory_will_do(make):
    array = make(np.arange(12, dtype=np.float32).reshape(3, 4))
    np.testing.assert_array_equal(decode(stored(array)), array)
    np.testing.assert_array_equal(decode(npy(array)), array)
    assert decode(npy(array)).dtype == array.dtype.newbyteorder("=")


def test_equal_arrays_have_one_name_and_others_another():
    array = np.arange(6, dtype=np.float32)
    assert name_of(*header_and_data(array)) == name_of(*header_and_data(array.copy()))
    for other in (array + 1, array.reshape(2, 3), array.view(np.int32), array[:5]):
        assert name_of(*header_and_data(array)) != name_of(*header_and_data(other))


@pytest.mark.parametrize("dtype", ["O", "U3", "S4", "M8[s]", "f4,i4", "longdouble"])
def test_only_plain_numbers_are_stored(dtype):
    assert not storable(np.empty(2, dtype))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x93NUMPY",
        b"\x93NUMPY\x01\x00\xff\xff",
        npy(np.array([None, "text"], dtype=object), allow_pickle=True),
        npy(np.zeros(3, "f4,i4")),
        npy(np.arange(4.0))[:-1],
        npy(np.arange(4.0)) + b"\0",
        claiming("{'descr': '|O', 'fortran_order': False, 'shape': (3,), }"),
        claiming("{'descr': '<f8', 'fortran_order': False, 'shape': (-3,), }"),
        claiming("{'descr': '<f8', 'fortran_order': False, 'shape': (9223372036854775807, 2), }"),
        claiming("{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000,), }"),
        claiming("{'descr': '<f8', 'fortran_order': False, 'shape': (4294967296, 4294967296, 0), }", b""),
        claiming("{'descr': '<f8', 'fortran_order': False, 'shape': (" + "1, " * 65 + "), }", bytes(8)),
        claiming("{'descr': '<f9', 'fortran_order': False, 'shape': (), }"),
        claiming("{'descr': '<b0', 'fortran_order': False, 'shape': (), }"),
        claiming("{'descr': __import__('os').getcwd(), 'fortran_order': False, 'shape': (3,), }"),
        claiming("(" * 10_000),
        b"\x93NUMPY\x03\x00" + npy(np.arange(3.0))[8:],
    ],
)
def test_what_is_no_array_of_numbers_is_refused(data):
    with pytest.raises(NpyError):
        decode(data)
