"""The installation's own secret key: made at the first start, kept in the data folder."""

import contextlib
import os
import secrets
from pathlib import Path


def stored_secret(path: Path) -> str:
    """The key in `path`; a new random one is written there first when the file is missing.

    Two processes that start at once agree: both read what the first one put there.
    """
    if not path.exists():
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(50))
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)  # whole or not at all, and only for the first
        draft.unlink()
    return path.read_text().strip()
