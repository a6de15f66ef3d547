"""Losses with a custom Function, right and wrong, one a row: what they are called with is in `case.py`."""
