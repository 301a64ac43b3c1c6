"""The staff asks: invitations to somebody, and links for whoever has them."""

from datetime import datetime, timedelta

from msgspec.structs import replace

from micconnect.domain import needs, waits
from micconnect.domain.asking import need_turns
from micconnect.domain.outcome import Outcome, Refused, RequestMade, Rules
from micconnect.domain.queue import accept
from micconnect.domain.room import Actor, InviteLink, Request, RoomState
from micconnect.domain.transitions import end_request, seat, void_request
from micconnect.protocol import commands as c
from micconnect.protocol.codes import ErrorCode
from micconnect.protocol.words import (
    ANY_SEAT,
    INVITE_LINKS_MAX,
    PENDING_MAX,
    RequestKind,
    RequestState,
    Role,
    SeatMode,
    VoidCause,
)


def invite(room: RoomState, actor: Actor, command: c.Invite, now: datetime) -> Outcome:
    """The staff asks somebody who is in the room."""
    needs.need_staff(room, actor)
    needs.need_live(room)
    needs.need_not_barred(room, command.user_id, now)
    needs.need_free_person(room, command.user_id)
    invitee = needs.present(room, command.user_id)
    need_open(room)
    if command.seat_index != ANY_SEAT:
        needs.need_unlocked(room, command.seat_index)
    needs.need(len(room.requests) < PENDING_MAX, ErrorCode.QUEUE_FULL)
    number = room.last_number + 1
    request = Request(
        number=number,
        rank=number,
        kind=RequestKind.INVITATION,
        person=invitee,
        media=needs.allowed_media(room, command.media),
        note=command.note,
        seat_index=command.seat_index,
        extra_info=command.extra_info,
        operator=actor.person,
        created_at=now,
        expires_at=waits.expiry(room, RequestKind.INVITATION, command.timeout_s, now),
        timeout_s=command.timeout_s,
    )
    room = replace(room, last_number=number).put_request(request)
    return Outcome(room=room, moments=(RequestMade(request=request),), request=request)


def need_open(room: RoomState) -> None:
    """Any seat mode but `closed`."""
    if room.options.seat_mode is SeatMode.CLOSED:
        raise Refused(ErrorCode.SEAT_MODE, {"mode": room.options.seat_mode.value})


def cancel_invitation(room: RoomState, actor: Actor, command: c.CancelInvitation, now: datetime) -> Outcome:
    """The staff withdraws an invitation, whoever of them made it."""
    needs.need_staff(room, actor)
    request = needs.open_request(room, command.request_id, RequestKind.INVITATION, now)
    room, moment = end_request(room, request, RequestState.CANCELLED, now, operator=actor.person)
    return Outcome(room=room, moments=(moment,), request=moment.request)


def respond_to_invitation(room: RoomState, actor: Actor, command: c.RespondToInvitation, now: datetime) -> Outcome:
    """The invitee answers. The offered seat if it is still free, else another; with all taken it stays open."""
    known = room.find_request(command.request_id)
    # somebody else's invitation and none at all look alike, so that numbers cannot be probed
    if known is None or known.person.user_id != actor.user_id:
        raise Refused(ErrorCode.NO_SUCH_REQUEST)
    request = needs.open_request(room, command.request_id, RequestKind.INVITATION, now)
    if command.is_accepted:
        needs.need_named(room, actor)
        media = needs.allowed_media(room, request.media, command.media)
        wanted = request.seat_index if request.seat_index in room.free_seats() else ANY_SEAT
        request = replace(request, window=actor.window, entry=command.entry)
        return accept(room, request, media, needs.pick_seat(room, wanted), request.operator, now)
    room, moment = end_request(room, request, RequestState.REJECTED, now, operator=request.operator)
    return Outcome(room=room, moments=(moment,), request=moment.request)


def create_invite_link(room: RoomState, actor: Actor, command: c.CreateInviteLink, now: datetime) -> Outcome:
    """The staff makes a link. Its token is made by the door and stands in no row."""
    needs.need_staff(room, actor)
    needs.need_not_ended(room)
    unexpired = tuple(link for link in room.links if link.expires_at > now)  # no clock runs before the show
    room = replace(room, links=unexpired)
    if len(room.links) >= INVITE_LINKS_MAX:
        raise Refused(ErrorCode.TOO_MANY, {"limit": INVITE_LINKS_MAX})
    link = InviteLink(
        number=room.last_number + 1,
        media=command.media,
        uses_left=command.uses,
        created_at=now,
        expires_at=now + timedelta(seconds=command.expires_s),
        operator=actor.person,
    )
    return Outcome(room=replace(room, last_number=link.number).put_link(link), link=link)


def revoke_invite_link(room: RoomState, actor: Actor, command: c.RevokeInviteLink, now: datetime) -> Outcome:
    """The staff ends a link."""
    needs.need_staff(room, actor)
    link = next((x for x in room.links if x.link_id == command.link_id), None)
    if link is None:
        raise Refused(ErrorCode.NO_SUCH_LINK)
    return Outcome(room=room.drop_link(link), link=link)


def use_invite_link(room: RoomState, actor: Actor, command: c.UseInviteLink, now: datetime) -> Outcome:
    """Somebody sits down by a link, which vouches for whoever has it, not for a person who had the turns there are."""
    needs.need_live(room)
    needs.need(actor.role in (Role.AUDIENCE, Role.MODERATOR), ErrorCode.FORBIDDEN)
    needs.need_not_barred(room, actor.user_id, now)
    needs.need_off_seat(room, actor.user_id)
    link = next((x for x in room.links if x.number == actor.link and x.expires_at > now), None)
    if link is None:
        raise Refused(ErrorCode.NO_SUCH_LINK)
    needs.need_named(room, actor)
    need_open(room)
    need_turns(room, actor)
    if actor.role is Role.AUDIENCE:
        needs.need_not_held(room, actor.user_id)
    seat_index = needs.pick_seat(room, ANY_SEAT)
    room, moments = void_request(room, actor.user_id, VoidCause.SEATED, now)
    is_last = link.uses_left == 1
    room = room.drop_link(link) if is_last else room.put_link(replace(link, uses_left=link.uses_left - 1))
    media = needs.allowed_media(room, link.media, command.media)
    seated = seat(room, actor.person, seat_index, media, now, window=actor.window, entry=command.entry)
    return replace(seated, moments=tuple(moments), spent=link if is_last else None)


RULES: Rules = {
    c.Invite: invite,
    c.CancelInvitation: cancel_invitation,
    c.RespondToInvitation: respond_to_invitation,
    c.CreateInviteLink: create_invite_link,
    c.RevokeInviteLink: revoke_invite_link,
    c.UseInviteLink: use_invite_link,
}
