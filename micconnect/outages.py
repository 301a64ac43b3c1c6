"""A database that is away: which errors say so, and one line about it each second instead of one for each who asks."""

import logging

from django.db import InterfaceError, InternalError, OperationalError

from micconnect.seldom import Seldom

logger = logging.getLogger(__name__)

# In each case nothing was written. PostgreSQL ends a transaction that stood still for too long with an InternalError.
AWAY = (OperationalError, InterfaceError, InternalError)


class _Log:
    """Safe from any thread."""

    def __init__(self) -> None:
        self._lines = Seldom(logger, logging.ERROR)

    def tell(self, what: str, error: BaseException) -> None:
        """Logs what was not done, unless another line was logged just now; the next line says how many were not."""
        self._lines.tell(f"the database is busy or away, {what}: {' '.join(str(error).split())}")


log = _Log()
