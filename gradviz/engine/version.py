"""torch.version, for programs that ask what PyTorch was built with."""

cuda = hip = None
debug = False
