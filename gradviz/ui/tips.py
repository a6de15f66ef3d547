"""Tooltips that say just what they are given."""

from html import escape


def plain_tip(text: str) -> str:
    """A tooltip for a stranger's words: wrapped, and never taken for the HTML that they may contain."""
    return f"<qt>{escape(text).replace(chr(10), '<br>')}</qt>" if text else ""
