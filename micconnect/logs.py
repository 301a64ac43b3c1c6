"""Lines of the log: one for each record, whatever strangers' text is in it."""

import logging

from micconnect.text import escaped


class LineFormatter(logging.Formatter):
    """As `logging.Formatter`, but a message cannot begin a new line, nor colour or turn the terminal that shows it.

    The lines of a traceback stay lines; what they quote is escaped, too.
    """

    def formatMessage(self, record: logging.LogRecord) -> str:
        record.message = escaped(record.message)
        return super().formatMessage(record)

    def formatException(self, ei: "logging._SysExcInfoType") -> str:
        return "\n".join(map(escaped, super().formatException(ei).split("\n")))
