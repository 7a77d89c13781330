"""The guard before cells that a spreadsheet would run as a formula. Pure.

Export puts one apostrophe before a cell that begins with = + - @ TAB CR or |, and before one that
already looks guarded; import takes exactly that one off. So every text comes back as it went out.
"""

import re

_NEEDS_GUARD = re.compile(r"'*[=+\-@\t\r|]")
_IS_GUARDED = re.compile(r"'+[=+\-@\t\r|]")


def guard(text: str) -> str:
    """The text as it may stand in a file that a spreadsheet opens."""
    return f"'{text}" if _NEEDS_GUARD.match(text) else text


def unguard(text: str) -> str:
    """The text as it was before `guard`."""
    return text[1:] if _IS_GUARDED.match(text) else text
