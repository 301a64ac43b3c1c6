"""Histories: who said what when, what was answered, and whether one room that obeys the rules can have done it.

Every change takes the next `seq` and every answer names the `seq` it was decided at, so that the order in which the
room saw the commands is known. `History.check` replays it through the pure `decide`, the sequential specification.
"""

from bisect import bisect_left
from collections import defaultdict
from datetime import datetime
from itertools import accumulate, count

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from micconnect import invitelinks, services, store
from micconnect.domain.internal import AnyCommand, PersonBecame, Tick
from micconnect.domain.notices import notices
from micconnect.domain.outcome import Outcome, Refused
from micconnect.domain.room import Actor, Person, RoomState
from micconnect.domain.rules import decide
from micconnect.models import LogEntry
from micconnect.protocol.codes import ErrorCode
from micconnect.protocol.commands import NAMING, Apply, TakeSeat, UseInviteLink
from micconnect.protocol.frames import Reply
from tests.conftest import NOW
from tests.stateful.laws import Ends, check_room, check_step

STRANGER = "stranger"
replies = msgspec.json.Decoder(Reply)
encoder = msgspec.json.Encoder()


def find_person(slug: str, user_id: str) -> Person | None:
    """Everybody but the stranger is in the room."""
    return None if user_id == STRANGER else Person(user_id=user_id, name=user_id.title())


def first_seen(slug: str, user_id: str) -> datetime | None:
    """Everybody came when the show began."""
    return NOW


def fresh(slug: str) -> RoomState:
    """The room's value as the rows have it, whatever this process remembers."""
    store.cache.drop(slug)
    return store.read(slug)


class Call(Struct, frozen=True):
    """One command and its answer. `begin` and `end` are moments of the history's own clock, which only counts."""

    ref: str
    actor: Actor
    command: AnyCommand
    now: datetime
    begin: int
    end: int
    reply: Reply

    @property
    def code(self) -> ErrorCode | None:
        return self.reply.error.code if self.reply.error else None


class History:
    """All calls to one room from now on. Safe from many threads."""

    def __init__(self, slug: str) -> None:
        self.slug = slug
        self.start = fresh(slug)
        self.calls: list[Call] = []
        self._clock = count()
        self._links: dict[str, int] = {}

    def token(self, number: int) -> str:
        """The secret of one of the room's invite links."""
        token = invitelinks.make_token(self.slug, number)
        self._links[token] = number
        return token

    def perform(self, actor: Actor, command: AnyCommand, now: datetime, ref: str = "") -> Reply:
        """Gives the command to the door and writes down when that was, by the order of events, and the answer."""
        begin = next(self._clock)
        ref = ref or f"t{begin}"
        reply = services.perform(self.slug, actor, command, now, ref=ref, find_person=find_person)
        self.calls.append(Call(ref, actor, command, now, begin, next(self._clock), reply))
        return reply

    # -- afterwards
    def check(self) -> RoomState:
        """Holds the whole history against the rules; returns the room as it is now.

        Changes: the log without gaps, replayed, gives the same answers, the same callbacks and the same rows.
        All else: answered as the rules would at the `seq` of the answer. And no call was decided at a state that was
        over before it began, or that had not begun when it was answered.
        """
        answered = [call for call in self.calls if call.code is not ErrorCode.TRY_LATER]
        answered.sort(key=lambda call: call.begin)
        changes = self._changes(answered)
        rooms = self._replay(changes)
        floors = Floors(answered, self.start.seq)
        by_ref, by_seq = {call.ref: call for call in changes}, {call.reply.seq: call for call in changes}
        for call in answered:
            seq = call.reply.seq
            change = by_ref.get(call.ref)
            if change is call:
                assert seq > floors(call), f"came before what was known already: {call}"
            elif change and call.begin > change.begin:
                assert call.reply == change.reply, f"said again, but answered otherwise: {call}"
            else:
                assert seq in rooms, f"an answer was lost: {call}"
                assert self._answer(rooms[seq], call)[0] == call.reply, f"not what the rules say: {call}"
                assert seq >= floors(call), f"answered from the past: {call}"
                assert seq == self.start.seq or by_seq[seq].begin < call.end, f"answered from the future: {call}"
        return rooms[self.start.seq + len(changes)]

    def _changes(self, answered: list[Call]) -> list[Call]:
        """The calls that changed the room, in the order of the log. Each entry there is the answer of a call."""
        said = defaultdict(list)
        for call in answered:
            said[call.ref].append(call)
        changes = []
        for seq, entry in enumerate(self._log(), start=self.start.seq + 1):
            assert entry.seq == seq, "the log has a gap"
            reply = replies.decode(bytes(entry.reply))
            alike = [call for call in said[entry.ref or ""] if call.reply == reply]
            assert alike, f"another answer than the log has: {said[entry.ref or '']}"
            assert (entry.actor_id, entry.at) == (alike[0].actor.user_id, alike[0].now)
            changes.append(alike[0])
        return changes

    def _log(self) -> list[LogEntry]:
        return list(LogEntry.objects.filter(room__slug=self.slug, seq__gt=self.start.seq).order_by("seq"))

    def _replay(self, changes: list[Call]) -> dict[int, RoomState]:
        """Every state of the room, by seq."""
        room, ends, latest = self.start, Ends(), None
        rooms = {room.seq: room}
        for call, entry in zip(changes, self._log(), strict=True):
            reply, outcome = self._answer(room, call)
            assert reply == call.reply and outcome, f"the rules say {reply} to {call}"
            told = encoder.encode(notices(room, outcome))
            assert told == bytes(entry.notices), f"told something else after {call}"
            latest = max(latest or call.now, call.now)
            is_late_tick = isinstance(call.command, Tick) and call.now < latest  # it leaves some deadlines to the next
            if not isinstance(call.command, PersonBecame):  # which hands over, and takes over, what steps may not touch
                check_step(room, outcome.room, None if is_late_tick else call.command, latest, call.actor.user_id)
            check_room(outcome.room)
            ends.check(outcome.room)
            ends.check_told(room, outcome)
            room = rooms[outcome.room.seq] = outcome.room
        assert fresh(self.slug) == room, "the rows are not what the log leads to"
        return rooms

    def _answer(self, room: RoomState, call: Call) -> tuple[Reply, Outcome | None]:
        """What the rules say to a call in this state of the room."""
        actor, before = call.actor, room
        if isinstance(call.command, UseInviteLink):
            actor = replace(actor, link=self._links.get(call.command.token))
        if isinstance(call.command, Apply | TakeSeat) and room.options.min_stay_s:
            actor = replace(actor, since=first_seen(self.slug, actor.user_id))
        if isinstance(call.command, NAMING):
            before = replace(room, invitee=find_person(self.slug, call.command.user_id))
        try:
            outcome = decide(before, actor, call.command, call.now)
        except Refused as refused:
            return services._refusal(room, refused, call.ref), None
        return services._reply(outcome, call.ref), outcome


class Floors:
    """For each call the newest state that was answered from before it began: it cannot have met an older one."""

    def __init__(self, calls: list[Call], first: int) -> None:
        by_end = sorted(calls, key=lambda call: call.end)
        self._ends = [call.end for call in by_end]
        self._newest = list(accumulate((call.reply.seq for call in by_end), max, initial=first))

    def __call__(self, call: Call) -> int:
        return self._newest[bisect_left(self._ends, call.begin)]
