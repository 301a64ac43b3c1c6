"""Lines of the log that strangers can cause: one each second at most, and each is one line, whatever they have sent."""

import logging
import time
from threading import Lock

PAUSE_S = 1.0
SHOWN_MAX = 300  # letters of what a stranger has sent


def shown(text: str) -> str:
    """What a stranger has sent, as it can stand in a line: escaped, and not for ever."""
    return text[:SHOWN_MAX].encode("unicode_escape").decode("ascii")


class Seldom:
    """Safe from any thread."""

    def __init__(self, logger: logging.Logger, level: int) -> None:
        self._logger, self._level = logger, level
        self._lock = Lock()
        self._told_at = float("-inf")
        self._untold = 0

    def tell(self, text: str) -> None:
        """Logs it, unless another line was logged just now; the next line says how many were not."""
        with self._lock:
            if time.monotonic() - self._told_at < PAUSE_S:
                self._untold += 1
                return
            self._told_at = time.monotonic()
            untold, self._untold = self._untold, 0
        self._logger.log(self._level, "%s%s", text, f" (and {untold} more)" if untold else "")
