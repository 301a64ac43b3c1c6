"""Moves of the staff that asks, of those who are asked, and of whoever has a link."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from micconnect.protocol import commands as c
from micconnect.protocol.words import LinkMedia, Role
from tests.stateful.clients import SECRET
from tests.stateful.harness import EVERYBODY, PEOPLE, Harness, one_of
from tests.stateful.model.records import HOST
from tests.stateful.moves.drawn import edges, flags, medias, picks, seats, staff, waits


class Inviting(Harness):
    """Invitations and invite links."""

    @rule(
        pick=picks,
        staff=staff,
        media=medias,
        wait_s=waits,
        seat=seats,
        user=st.none() | st.sampled_from((*EVERYBODY, "nobody")),
    )
    def invite(self, pick: int, staff: str, media: LinkMedia, wait_s: int | None, seat: int, user: str | None) -> None:
        user = user or one_of(self.free(), pick, PEOPLE[pick])
        command = c.Invite(user, media, wait_s, seat, SECRET, SECRET)
        if pick % 4:
            self.do(staff, command)
        else:
            self.do_absent(staff, user, command)

    @rule(pick=picks, media=medias, is_heard=flags)
    def seat_somebody(self, pick: int, media: LinkMedia, is_heard: bool) -> None:
        """Two or three steps at once, so that rooms fill."""
        self.seat(one_of(self.free(), pick, PEOPLE[pick]), media, is_heard=is_heard)

    @precondition(lambda self: self.waiting("invitation"))
    @rule(pick=picks, is_accepted=flags, media=st.none() | medias)
    def answer_invitation(self, pick: int, is_accepted: bool, media: LinkMedia | None) -> None:
        wish = one_of([w for w in self.model.waiting if w.kind == "invitation"], pick)
        self.do(wish.user, c.RespondToInvitation(wish.name, is_accepted, media))

    @rule(
        pick=picks,
        media=medias,
        own=st.none() | medias,
        seat=seats,
        is_accepted=st.sampled_from([True, True, False]),
        other=st.sampled_from([None, None, None, "mona", "alice1", "mallory"]),
        goes_on=flags,
    )
    def invite_and_answer(
        self,
        pick: int,
        media: LinkMedia,
        own: LinkMedia | None,
        seat: int,
        is_accepted: bool,
        other: str | None,
        goes_on: bool,
    ) -> None:
        """An invitation and its answer at once, also by somebody whom it was not for, and then an application."""
        user = one_of(self.free(), pick, PEOPLE[pick])
        if self.do("mona", c.Invite(user, media, seat_index=seat)):
            self.do(other or user, c.RespondToInvitation(self.model.waiting[-1].name, is_accepted, own))
            if goes_on:
                self.do(user, c.Apply(LinkMedia.AUDIO), Role.AUDIENCE)

    @precondition(lambda self: self.waiting("invitation"))
    @rule(pick=picks, staff=staff)
    def cancel_invitation(self, pick: int, staff: str) -> None:
        self.do(staff, c.CancelInvitation(one_of(self.waiting("invitation"), pick)))

    # -- links
    @rule(staff=staff, media=medias, uses=st.integers(1, 3), expires_s=st.sampled_from([60, 600]))
    def create_link(self, staff: str, media: LinkMedia, uses: int, expires_s: int) -> None:
        self.do(staff, c.CreateInviteLink(media, uses, expires_s))

    @rule(pick=picks, user=staff | st.just("alice1"), number=st.integers(1, 40))
    def revoke_link(self, pick: int, user: str, number: int) -> None:
        self.do(user, c.RevokeInviteLink(one_of([link.name for link in self.model.links], pick, f"l{number}")))

    @rule(
        pick=picks,
        user=st.none() | st.none() | st.sampled_from(EVERYBODY),
        media=st.none() | medias,
        count=st.integers(1, 3),
        uses=st.sampled_from([None, 1, 2]),
    )
    def use_link(self, pick: int, user: str | None, media: LinkMedia | None, count: int, uses: int | None) -> None:
        """Some follow one link, perhaps a new one, who may be waiting, or on air, or have no right."""
        if uses:
            self.do(HOST, c.CreateInviteLink(one_of(list(LinkMedia), pick), uses))
        if not self.model.links:
            return
        link = self.model.links[-1] if uses else one_of(self.model.links, pick)
        if pick % 4 == 1:
            self.do(one_of(self.free(), pick, PEOPLE[pick]), c.Apply(LinkMedia.AUDIO))
        for n in range(count):
            waiting = [w.user for w in self.model.waiting] if pick % 2 else []
            who = user or one_of(waiting or self.free(), pick + n, PEOPLE[pick])
            self.do(who, c.UseInviteLink(str(link.number), media))

    @precondition(lambda self: self.model.links)
    @rule(pick=picks, edge=edges, media=medias)
    def use_link_at_the_edge(self, pick: int, edge: timedelta, media: LinkMedia) -> None:
        link = one_of(self.model.links, pick)
        self.now = max(self.now, link.until + edge)
        self.do(one_of(self.free(), pick, PEOPLE[pick]), c.UseInviteLink(str(link.number), media), Role.AUDIENCE)

    @rule(pick=picks, number=st.integers(0, 40), is_fresh=flags)
    def use_a_wrong_link(self, pick: int, number: int, is_fresh: bool) -> None:
        """The number of something else, or one that was used up or withdrawn."""
        if is_fresh and self.do(HOST, c.CreateInviteLink()):
            number = self.model.links[-1].number
            self.do("mona", c.RevokeInviteLink(f"l{number}"))
        self.do(one_of(self.free(), pick, PEOPLE[pick]), c.UseInviteLink(str(number)))
