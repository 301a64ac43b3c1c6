"""A database that is away: which errors say so, and one line about it each second instead of one for each who asks."""

import logging
import time
from threading import Lock

from django.db import InterfaceError, InternalError, OperationalError

logger = logging.getLogger(__name__)

# In each case nothing was written. PostgreSQL ends a transaction that stood still for too long with an InternalError.
AWAY = (OperationalError, InterfaceError, InternalError)
PAUSE_S = 1.0


class _Log:
    """Safe from any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._told_at = float("-inf")
        self._untold = 0

    def tell(self, what: str, error: Exception) -> None:
        """Logs what was not done, unless another line was logged just now; the next line says how many were not."""
        with self._lock:
            if time.monotonic() - self._told_at < PAUSE_S:
                self._untold += 1
                return
            self._told_at = time.monotonic()
            untold, self._untold = self._untold, 0
        more = f" (and {untold} more)" if untold else ""
        logger.error("the database is busy or away, %s%s: %s", what, more, " ".join(str(error).split()))


log = _Log()
