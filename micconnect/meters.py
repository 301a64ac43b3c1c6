"""What one serving process counts as it goes, for its metrics. Safe from any thread."""

from prometheus_client import Counter, disable_created_metrics

from micconnect.domain.internal import AnyCommand, command_name
from micconnect.presence import PROCESS_ID
from micconnect.protocol.frames import Reply

DONE = "done"

# otherwise each counter has a second series, which only says when its process began
disable_created_metrics()  # type: ignore[no-untyped-call]
commands = Counter(
    "micconnect_commands",
    "Commands of people that this process answered, by outcome: done, or the code of the refusal.",
    ["worker", "command", "outcome"],
    registry=None,
)
cuts = Counter(
    "micconnect_media_cuts",
    "Lines that this process, while it was the keeper, has cut at the media server.",
    ["worker"],
    registry=None,
)

cuts.labels(PROCESS_ID)  # shown before the first one, so that the first one shows


def count_command(command: AnyCommand, reply: Reply) -> None:
    """One more command was answered."""
    outcome = reply.error.code.value if reply.error else DONE
    commands.labels(PROCESS_ID, command_name(command), outcome).inc()


def count_cuts(count: int) -> None:
    """So many lines were cut at the media server."""
    cuts.labels(PROCESS_ID).inc(count)
