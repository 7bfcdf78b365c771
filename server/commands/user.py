"""Who runs a command, as it is put down what they did."""

from __future__ import annotations

import getpass
import os

from server.entry_form import LONGEST_NAME_CHARS


def user() -> str:
    """The user of the operating system; by number where it has no name for them, as in a container."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = f"利用者{os.getuid()}"
    return f"{name}(コマンド)"


def named(by: str) -> str:
    """The name that was given, or the user's."""
    return by.strip()[:LONGEST_NAME_CHARS] or user()
