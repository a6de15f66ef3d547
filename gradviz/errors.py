"""What goes wrong with files that people hand over."""


class InputError(Exception):
    """A file or folder cannot be used; the text names it, and says what is wrong and what to do."""


class SourceError(InputError):
    """A file cannot be read as a program."""


class DataError(InputError):
    """A data file is missing, damaged or not what it should be."""


class TraceFileError(InputError):
    """A trace file cannot be read or written."""


def reason_of(error: Exception) -> str:
    """Why a file operation failed, without the error's number and the file's name."""
    return getattr(error, "strerror", None) or str(error)
