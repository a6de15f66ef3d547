"""torch.backends.cudnn."""

benchmark = False
deterministic = False
enabled = False


def is_available() -> bool:
    return False


def version() -> None:
    return None
