"""A worker hands out a recorded iteration as a file, with every array as it was at every event."""

from __future__ import annotations

import numpy as np
import pytest

from gradviz.session import answers
from gradviz.session.protocol import Export, Exported, Recorded
from gradviz.trace.file import TraceFile
from tests.session.harness import SMALL_NET, record
from tests.session.test_client import Window, window  # noqa: F401  (a fixture)

DROPOUT_GAN = """
import torch
from torch import nn

G, D = nn.Linear(2, 3), nn.Sequential(nn.Linear(3, 4), nn.Dropout(0.5), nn.Linear(4, 1))
g_opt, d_opt = torch.optim.Adam(G.parameters()), torch.optim.SGD(D.parameters(), lr=0.1, momentum=0.9)
for step in range(3):
    fake = G(torch.randn(5, 2))
    d_opt.zero_grad()
    (D(fake.detach()).mean() - D(torch.randn(5, 3)).mean()).backward()
    d_opt.step()
    g_opt.zero_grad()
    (-D(fake).mean()).backward()
    g_opt.step()
"""


@pytest.mark.parametrize("text", [SMALL_NET, DROPOUT_GAN], ids=["net", "gan"])
def test_every_array_is_in_the_file_as_it_was_recorded(tmp_path, text):
    session = record(text)
    index = session.iterations[-1].index
    recording = session.controller.recording(index)
    path = tmp_path / "iteration.gvtrace"
    assert answers.exported(recording, Export(index, str(path))) == Exported(index, str(path))
    with TraceFile(path) as file:
        assert file.iterations() == [index]
        assert file.iteration(index) == session.iterations[-1]
        refs = recording.refs()
        assert {ref.role for ref in refs} == {"value", "grad", "saved"} and file.arrays(index)
        for ref in refs:
            ours, theirs = recording.find(ref), file.find(ref)
            assert (ours.dtype, ours.shape) == (theirs.dtype, theirs.shape)
            np.testing.assert_array_equal(ours, theirs)


def test_what_is_not_recorded_or_cannot_be_written_is_told(tmp_path):
    session = record(SMALL_NET)
    index = session.iterations[-1].index
    recording = session.controller.recording(index)
    assert session.controller.recording(index + 1) is None
    assert answers.exported(None, Export(99, "x")) == Exported(99, "x", "not recorded")
    problem = answers.exported(recording, Export(index, str(tmp_path / "no" / "folder")))
    assert problem.problem == "not written" and "No such file" in problem.reason


def test_a_worker_writes_what_it_shows(window, tmp_path):  # noqa: F811
    window.start(SMALL_NET, "iteration")
    shown = window.wait_for(lambda r: isinstance(r, Recorded) and r.iteration.complete).iteration
    window.client.send(Export(shown.index, str(tmp_path / "x.gvtrace")))
    assert window.wait_for(lambda r: isinstance(r, Exported)).problem == ""
    with TraceFile(tmp_path / "x.gvtrace") as file:
        assert file.iteration(shown.index) == shown
