"""Moves of those who ask, and of the staff that answers."""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from micconnect.domain import internal as i
from micconnect.protocol import commands as c
from micconnect.protocol.words import Entry, LinkMedia, QueueOrder, RejectReason, Role
from tests.stateful.clients import SECRET, SECRET_ANSWER
from tests.stateful.harness import EVERYBODY, PEOPLE, Harness, one_of
from tests.stateful.model.records import HOST
from tests.stateful.moves.drawn import edges, entries, flags, medias, picks, seats, staff, waits, windows


class Asking(Harness):
    """Applications, and answers in time, too late and by the wrong ones."""

    @rule(
        pick=picks,
        media=medias,
        wait_s=waits,
        seat=seats,
        user=st.none() | st.sampled_from(PEOPLE),
        window=windows,
        entry=entries,
    )
    def apply(
        self, pick: int, media: LinkMedia, wait_s: int | None, seat: int, user: str | None, window: str, entry: Entry
    ) -> None:
        user = user or one_of(self.free(), pick, PEOPLE[pick])
        if not self.model.sitting_of(user):
            self.at[user] = window
        self.do(user, c.Apply(media, SECRET, wait_s, seat, f"{SECRET} {seat}", entry))

    @rule(pick=picks, count=st.integers(1, 6), is_invited=flags, media=medias)
    def crowd(self, pick: int, count: int, is_invited: bool, media: LinkMedia) -> None:
        """Many at once, and nobody answers yet."""
        for _ in range(count):
            user = one_of(self.free(), pick, PEOPLE[pick])
            self.do(*((HOST, c.Invite(user)) if is_invited else (user, c.Apply(media))))

    @rule(pick=picks, wait_s=waits)
    def apply_and_vanish(self, pick: int, wait_s: int | None) -> None:
        user = one_of(self.free(), pick, PEOPLE[pick])
        self.do(user, c.Apply(LinkMedia.AUDIO, SECRET, wait_s))
        self.do("clock", i.SocketsLost(user))

    @rule(
        pick=picks,
        seconds=st.sampled_from([0, 1, 60, 119, 120]),
        edge=edges,
        first=st.sampled_from(["asked", "front", "full", "paused", "away"]),
    )
    def lapse_and_come_again(self, pick: int, seconds: int, edge: timedelta, first: str) -> None:
        """Two ask and nobody answers in time; the second one comes again."""
        users = [one_of(self.free(), pick + n, PEOPLE[pick - n]) for n in range(2)]
        for user in users:
            self.do(user, c.Apply(LinkMedia.AUDIO))
        if first == "front" and (wish := self.model.wish_of(users[1])):
            self.do("mona", c.MoveToFront(wish.name))
        elif first == "full" and self.model.free():
            self.do(HOST, c.PlaceUser(one_of(self.free(), pick, PEOPLE[pick])))
        elif first == "paused":
            self.do(HOST, c.UpdateRoom(is_paused=True))
            self.wait_s(60)
            self.do(HOST, c.UpdateRoom(is_paused=False))
        elif first == "away":
            self.do("clock", i.SocketsLost(users[1]))
            self.do("clock", i.SocketUp(users[1]))
        self.now = max([self.now, *(w.until + edge for w in self.model.queue() if w.until)])
        self.do("clock", i.Tick())
        self.wait_s(seconds)
        self.now += edge
        self.do(users[1], c.Apply(LinkMedia.AUDIO))

    @rule(pick=picks, edge=edges, is_sitting=flags)
    def apply_after_a_while(self, pick: int, edge: timedelta, is_sitting: bool) -> None:
        """At the moment from which it is allowed: after a cool-down, or after watching long enough."""
        cooling = [u for u in self.free() if (free_at := self.model.free_at(u)) and free_at > self.now]
        user = one_of(cooling or self.free(), pick, PEOPLE[pick])
        moments = (self.model.free_at(user), self.welcome_at(user))
        self.now = max([self.now, *(moment + edge for moment in moments if moment)])
        self.do(user, c.TakeSeat(LinkMedia.AUDIO) if is_sitting else c.Apply(LinkMedia.AUDIO), Role.AUDIENCE)

    @rule(pick=picks, user=st.none() | st.sampled_from(PEOPLE))
    def cancel_application(self, pick: int, user: str | None) -> None:
        waiting = [w.user for w in self.model.waiting if w.kind == "application"]
        self.do(user or one_of(waiting, pick, PEOPLE[pick]), c.CancelApplication())

    @precondition(lambda self: self.waiting("application"))
    @rule(pick=picks, staff=staff, seat=st.none() | seats)
    def accept(self, pick: int, staff: str, seat: int | None) -> None:
        self.do(staff, c.RespondToApplication(one_of(self.waiting("application"), pick), True, seat_index=seat))

    @precondition(lambda self: self.waiting("application"))
    @rule(pick=picks, staff=staff, reason=st.none() | st.sampled_from(RejectReason))
    def reject(self, pick: int, staff: str, reason: RejectReason | None) -> None:
        request_id = one_of(self.waiting("application"), pick)
        self.do(staff, c.RespondToApplication(request_id, False, reason, SECRET_ANSWER))

    @rule(pick=picks, staff=staff, is_invited=flags)
    def ask_with_a_stake(self, pick: int, staff: str, is_invited: bool) -> None:
        """Somebody on a seat, or with an open request, wants one more, or is wanted once more."""
        user = one_of(self.stakes(), pick)
        if is_invited:
            self.do(staff, c.Invite(user))
        else:
            self.do(user, c.Apply(LinkMedia.AUDIO), Role.AUDIENCE)

    # -- all at once
    @precondition(lambda self: self.waiting("application"))
    @rule(pick=picks, staff=staff, count=st.integers(1, 3))
    def move_to_front(self, pick: int, staff: str, count: int) -> None:
        for n in range(count):
            self.do(staff, c.MoveToFront(one_of(self.waiting("application"), pick + n)))

    @rule(staff=staff, count=st.integers(1, 2))
    def accept_next(self, staff: str, count: int) -> None:
        for _ in range(count):
            self.do(staff, c.AcceptNext())

    @precondition(lambda self: self.waiting("application"))
    @rule(user=staff | st.just("alice1"))
    def accept_all(self, user: str) -> None:
        self.do(user, c.AcceptAll())

    @precondition(lambda self: self.waiting("application"))
    @rule(staff=staff, reason=st.none() | st.sampled_from(RejectReason))
    def reject_all(self, staff: str, reason: RejectReason | None) -> None:
        if self.do(staff, c.RejectAll(reason, SECRET_ANSWER)):
            self.rejections.append(self.model.seq)

    @precondition(lambda self: self.rejections)
    @rule(pick=picks, staff=staff)
    def undo_reject_all(self, pick: int, staff: str) -> None:
        self.do(staff, c.UndoRejectAll(one_of(self.rejections[::-1], pick)))

    @rule(
        pick=picks,
        staff=staff,
        edge=st.none() | edges,
        what=st.sampled_from(["nothing", "sits", "asks", "withdraws", "barred", "full", "behind", "by itself"]),
    )
    def reject_and_regret(self, pick: int, staff: str, edge: timedelta | None, what: str) -> None:
        """The whole queue goes away and comes back; in the meantime something has happened, to one of them perhaps."""
        users = [u for u in self.free() if u not in self.driver.absent][:3]
        for n, user in enumerate(users):
            self.do(user, c.Apply(LinkMedia.AUDIO, seat_index=1 + n))
        if pick % 2 and users:
            self.do(HOST, c.MoveToFront(self.model.waiting[-1].name if self.model.waiting else "r1"))
        elif pick % 3 and (queue := self.model.queue()):
            self.do(HOST, c.RespondToApplication(queue[0].name, False))
        if not self.do(HOST, c.RejectAll()):
            return
        seq, user = self.model.seq, users[-1] if users else PEOPLE[pick]
        self.rejections.append(seq)
        if edge is not None:
            self.now += timedelta(seconds=60) + edge
        match what:
            case "sits":
                if not self.model.free() and self.guests():
                    self.do(HOST, c.DisconnectUser(self.guests()[0]))
                self.do(HOST, c.PlaceUser(user))
            case "barred":
                self.do(HOST, (c.BarUser, c.BanUser)[pick % 2](user, 20))
            case "asks":
                self.do(HOST, c.Invite(user))
            case "withdraws":
                self.do("mona", c.UndoRejectAll(seq))
                self.do(user, c.CancelApplication())
                self.do("ada", c.UndoRejectAll(self.model.seq))
            case "by itself":
                self.do(HOST, c.UpdateRoom(is_auto_accepting=True))
            case "full" | "behind":
                for other in [u for u in self.free() if u not in users][: 4 if what == "full" else 1]:
                    self.do(other, c.Apply(LinkMedia.AUDIO))
        self.do(staff, c.UndoRejectAll(seq))
        self.do(HOST, c.UpdateRoom(is_auto_accepting=False))

    @rule(pick=picks)
    def decline_and_ask(self, pick: int) -> None:
        """Who said no asks at once: that is another matter."""
        user = one_of(self.free(), pick, PEOPLE[pick])
        if self.do("mona", c.Invite(user)):
            self.do(user, c.RespondToInvitation(self.model.waiting[-1].name, False))
            self.do(user, c.Apply(LinkMedia.AUDIO), Role.AUDIENCE)

    @precondition(lambda self: self.guests())
    @rule(pick=picks, seconds=st.integers(1, 40), is_fair=flags)
    def speak_and_ask_again(self, pick: int, seconds: int, is_fair: bool) -> None:
        """Who has had a turn, and who has not, and who goes first."""
        guest = one_of(self.guests(), pick)
        self.do("media", i.MediaUp(self.number(guest)))
        self.wait_s(seconds)
        self.do(guest, c.LeaveSeat())
        self.do(guest, c.Apply(LinkMedia.AUDIO), Role.AUDIENCE)
        self.do(one_of(self.free(), pick, PEOPLE[pick]), c.Apply(LinkMedia.AUDIO))
        if is_fair:
            self.do(HOST, c.UpdateRoom(queue_order=one_of(list(QueueOrder), pick)))
        self.do(HOST, c.AcceptNext())

    # -- too late, or not one's own
    @precondition(lambda self: self.model.past_wishes)
    @rule(pick=picks, is_accepted=flags, verb=st.integers(0, 4))
    def answer_late(self, pick: int, is_accepted: bool, verb: int) -> None:
        wish = one_of(self.model.past_wishes[::-1], pick)
        self._answer(wish, wish.user, HOST, verb, is_accepted)

    @precondition(lambda self: self.expired())
    @rule(pick=picks, is_accepted=flags, verb=st.integers(0, 6))
    def answer_expired(self, pick: int, is_accepted: bool, verb: int) -> None:
        """The time has passed, and the clock has not come round."""
        wish = one_of(self.expired(), pick)
        self._answer(wish, wish.user, "mona", verb, is_accepted)

    @precondition(lambda self: self.limited())
    @rule(pick=picks, edge=edges, is_accepted=flags)
    def answer_at_the_edge(self, pick: int, edge: timedelta, is_accepted: bool) -> None:
        """An instant before the time has passed, just then, or just after."""
        wish = one_of(self.limited(), pick)
        self.now = wish.until + edge
        self._answer(wish, wish.user, HOST, 2 if wish.kind == "invitation" else 0, is_accepted)
        self.do("clock", i.Tick())

    @precondition(lambda self: self.model.waiting)
    @rule(pick=picks, user=st.sampled_from(EVERYBODY), is_accepted=flags, verb=st.integers(0, 4))
    def answer_for_others(self, pick: int, user: str, is_accepted: bool, verb: int) -> None:
        self._answer(one_of(self.model.waiting, pick), user, user, verb, is_accepted)

    def _answer(self, wish: Any, user: str, staff: str, verb: int, is_accepted: bool) -> None:
        answers = [
            (staff, c.RespondToApplication(wish.name, is_accepted)),
            (staff, c.CancelInvitation(wish.name)),
            (user, c.RespondToInvitation(wish.name, is_accepted)),
            (user, c.CancelApplication()),
            (staff, c.MoveToFront(wish.name)),
            (staff, c.AcceptNext()),
            (staff, c.AcceptAll()),
        ]
        self.do(*answers[verb])
