"""torch.backends.cudnn."""

allow_tf32 = False
benchmark = False
deterministic = False
enabled = False


def is_available() -> bool:
    return False


def version() -> None:
    return None
