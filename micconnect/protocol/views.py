"""The things that are talked about: rooms, seats, requests and people as the wire shows them."""

from datetime import datetime
from typing import Literal

from msgspec import UNSET, UnsetType

from micconnect.protocol.codes import ERRORS, NUMBERS, ErrorCode
from micconnect.protocol.words import (
    ANY_SEAT,
    GUESTS_MAX,
    ConnectionEnd,
    ConnectionState,
    Device,
    DeviceState,
    Layout,
    LinkMedia,
    Quality,
    QueueOrder,
    RejectReason,
    RemovalReason,
    RequestKind,
    RequestState,
    RoomEnd,
    RoomStatus,
    SanctionKind,
    SeatIndex,
    SeatMode,
    VoidCause,
    WantedSeat,
    Wire,
)


class UserInfo(Wire, frozen=True):
    """Somebody by id and name.

    `isLookalike`, only there when true: the name can be taken for that of the host or of a helper, who is somebody
    else. It is told of those who ask, are invited, watch or go off air, not of the staff, nor in `MyState.user`.
    """

    user_id: str
    user_name: str
    is_lookalike: bool | UnsetType = UNSET


class RoomOptions(Wire, frozen=True):
    """What the staff sets with `updateRoom`.

    `requestTimeoutS` 0: requests wait for ever. `isPaused`: no new applications. `isAutoAccepting`: whoever is first
    gets the next free seat. `needsLogin`, `minStayS` (seconds in the room), `maxTurns` (times on a seat in this show,
    0 for any number), `isAudioOnly`: who may ask, for what. `timeLimitS`: each guest's time on air, 0 for none;
    `isRotating`: the first of the queue follows then. `hasBackstage`: guests check their devices first and are brought
    on air by the staff. `keepOwnerOnSeat`: seat 0 is the host's all through the show. `hostAwayS`: so long the live
    waits for its host's line; `isCarriedOn`: a helper who is there carries on without being asked. `isArrivingMuted`:
    guests come onto a seat with their microphone closed; so they do without `mayUnmute`, where they open it only when
    the staff asks them to, or lifts a lock that had shut it. `allowsUnnamed`: guests who have chosen no name may ask,
    accept, sit down and open their devices under the one that was made up for them.
    """

    title: str
    cover: str = ""
    layout: Layout = Layout.GRID
    seat_count: int = GUESTS_MAX
    seat_mode: SeatMode = SeatMode.APPLY
    is_paused: bool = False
    is_auto_accepting: bool = False
    queue_order: QueueOrder = QueueOrder.ARRIVAL
    request_timeout_s: int = 60
    needs_login: bool = False
    min_stay_s: int = 0
    max_turns: int = 0
    is_audio_only: bool = False
    time_limit_s: int = 0
    is_rotating: bool = False
    has_backstage: bool = False
    keep_owner_on_seat: bool = True
    host_away_s: int = 120
    is_carried_on: bool = True
    is_arriving_muted: bool = False
    may_unmute: bool = True
    allows_unnamed: bool = False


class LiveInfo(Wire, frozen=True):
    """The room as everybody sees it.

    `seatCount`: guest seats in use, the lesser of the option and what the layout can show. `spotlight`: who is shown
    large. `hostAwaySince`: the host's line is cut; the live ends at `hostAwayUntil` unless it returns, or goes on
    with the helper `carriedOnBy`.
    """

    room_id: str
    status: RoomStatus
    host: UserInfo
    options: RoomOptions
    seat_count: int
    moderators: tuple[UserInfo, ...] = ()
    spotlight: str | None = None
    live_since: datetime | None = None
    ended_at: datetime | None = None
    end_reason: RoomEnd | None = None
    host_away_since: datetime | None = None
    host_away_until: datetime | None = None
    carried_on_by: UserInfo | None = None


class SeatInfo(Wire, frozen=True):
    """A numbered place: who sits there ("" nobody) and its three locks."""

    seat_index: SeatIndex
    user_id: str = ""
    is_locked: bool = False
    is_microphone_locked: bool = False
    is_camera_locked: bool = False


class ConnectedUser(Wire, frozen=True):
    """Somebody on a seat; seat 0 is the host.

    `deadline`: the seat is freed then unless the person is back. `endsAt`: the time on air is up then. `isBackstage`:
    only the staff sees and hears the person; `isReady`: the devices were checked. `asks`: the person wants the staff
    to lift the lock of that device. `asked`: the staff wants the person to open it. `stalled`: these devices are open,
    but for some seconds nothing has come of them to the media server. `shut`: these were open when a lock shut them;
    once it is lifted their owner may want to open them again. `isLookalike`, only there when true: the name can
    be taken for that of the host or of a helper, who is somebody else.
    """

    user_id: str
    user_name: str
    seat_index: SeatIndex
    connection_id: str
    media: LinkMedia
    state: ConnectionState
    microphone: DeviceState
    camera: DeviceState
    since: datetime
    deadline: datetime | None = None
    screen: DeviceState = DeviceState.CLOSED
    stalled: tuple[Device, ...] = ()
    shut: tuple[Device, ...] = ()
    is_backstage: bool = False
    is_ready: bool = False
    ends_at: datetime | None = None
    asks: Device | None = None
    asked: Device | None = None
    is_lookalike: bool | UnsetType = UNSET


class RequestInfo(Wire, frozen=True):
    """An application or an invitation. `user` is the one who would sit; `operator` answered or invited.

    `refusals`: how often the person was rejected in this show. `spokenS`: seconds on air before, in this show.
    `locked`: the devices that the staff has locked for this person, on the seat too. `limitS`: the staff's limit of the
    person's time on air, 0: as the room says.
    """

    request_id: str
    kind: RequestKind
    user: UserInfo
    media: LinkMedia
    state: RequestState
    created_at: datetime
    is_present: bool = True
    note: str = ""
    expires_at: datetime | None = None
    ended_at: datetime | None = None
    operator: UserInfo | None = None
    cause: VoidCause | None = None
    reason: RejectReason | None = None
    answer_note: str = ""
    seat_index: WantedSeat = ANY_SEAT
    extra_info: str = ""
    refusals: int = 0
    spoken_s: int = 0
    locked: tuple[Device, ...] = ()
    limit_s: int = 0


class SanctionInfo(Wire, frozen=True):
    """A bar from the mic or a ban from the room, in force until `until`, or until lifted.

    `appeal`: what the barred person says about it.
    """

    sanction_id: str
    kind: SanctionKind
    user: UserInfo
    operator: UserInfo
    created_at: datetime
    until: datetime | None = None
    reason: RemovalReason = RemovalReason.OTHER
    note: str = ""
    appeal: str = ""


class InviteLinkInfo(Wire, frozen=True):
    """A link that seats people. Its address is a secret and is shown by the studio, never on the wire."""

    link_id: str
    media: LinkMedia
    uses_left: int
    expires_at: datetime
    operator: UserInfo


class LastConnection(Wire, frozen=True):
    """How somebody's last time on air ended."""

    seat_index: SeatIndex
    end_reason: ConnectionEnd
    ended_at: datetime
    operator: UserInfo | None = None
    reason: RemovalReason | None = None
    note: str = ""


class MyState(Wire, frozen=True):
    """All that the room knows about one person; a page can be drawn from it after any reconnect.

    `request`: the one open application or invitation. `place`: of an application in the queue, 1 is next.
    `likelyAt`: when a seat may come to them, by the times on air so far. `canApplyAt`: set when the last answer asks
    for a pause before the next application. `isModerator`: granted (true) or ended (false) by the host; null: as the
    ticket says. `bar`: no seat until then. `locked`: devices that the staff has locked, until it lifts that; on a seat
    `connection` also shows what the seat locks. `window`: which of the own windows has the seat, or will have it: only
    that one may publish; empty while none has claimed it, null without seat and request.
    """

    user: UserInfo
    request: RequestInfo | None = None
    place: int | None = None
    connection: ConnectedUser | None = None
    last_request: RequestInfo | None = None
    last_connection: LastConnection | None = None
    can_apply_at: datetime | None = None
    likely_at: datetime | None = None
    is_moderator: bool | None = None
    bar: SanctionInfo | None = None
    locked: tuple[Device, ...] = ()
    window: str | None = None


class Slot(Wire, frozen=True):
    """Which m-lines of the watch offer carry a seat; an empty mid: it has none. The screen's slot has no sound.

    With `picture` the slot carries no certain seat but the n-th of `onPicturesChanged`, and its `seatIndex` is -1.
    """

    seat_index: int
    audio_mid: str
    video_mid: str
    is_screen: bool = False
    picture: int | None = None


class MediaInfo(Wire, frozen=True):
    """Which media server the page talks to. A new `generation`: it restarted; publish and watch again.

    `hasRelay`: there are relays (TURN) for people behind strict networks; `getIceServers` tells how to reach them.
    """

    family: Literal["sdp"]
    generation: int
    is_up: bool
    has_relay: bool = False


class IceServers(Wire, frozen=True):
    """How one person's browser reaches the relays, good for so many `seconds`. `relayOnly`: use nothing else."""

    urls: tuple[str, ...]
    username: str
    credential: str
    seconds: int
    relay_only: bool


class SeatHealth(Wire, frozen=True):
    """How the media of one person on air, or of a shared screen, arrived in the last second or so.

    `audioLevel`: 0 to 100. `loss`: part of the packets that did not come, 0 to 1. `rttMs`: null when unknown.
    """

    user_id: str
    seat_index: int
    is_screen: bool
    kbps: int
    loss: float
    rtt_ms: int | None
    audio_level: int
    quality: Quality


class ErrorInfo(Wire, frozen=True):
    """`temporary`: the same command may succeed later. `details`: what the code's text promises.

    `number`: the seed system's nearest error number, for those who port from there.
    """

    code: ErrorCode
    number: int
    message: str
    temporary: bool
    details: dict[str, str | int | None] = {}


class OnAirTime(Wire, frozen=True):
    """How long, and how often, one person was on air."""

    user: UserInfo
    seconds: int
    times: int


class LiveSummary(Wire, frozen=True):
    """One show in figures. `requests`: how many ended in each state, by kind and state ("application.accepted")."""

    room_id: str
    duration_s: int
    peak_viewers: int
    on_air: tuple[OnAirTime, ...]
    requests: dict[str, int]


class Result(Wire, frozen=True):
    """What a reply carries besides success; only the fields of the command's kind are set.

    `accepted` and `left`: of a bulk answer, whom it seated and how many applications wait still.
    """

    request: RequestInfo | None = None
    connection: ConnectedUser | None = None
    accepted: tuple[RequestInfo, ...] | None = None
    left: int | None = None
    link: InviteLinkInfo | None = None
    sanction: SanctionInfo | None = None
    summary: LiveSummary | None = None
    viewers: tuple[UserInfo, ...] | None = None
    missed: tuple[RequestInfo, ...] | None = None
    sdp: str | None = None
    watch_id: str | None = None
    slots: tuple[Slot, ...] | None = None
    pictures: tuple[int, ...] | None = None
    ice_servers: IceServers | None = None
    health: tuple[SeatHealth, ...] | None = None


def error_info(code: ErrorCode, details: dict[str, str | int | None] | None = None) -> ErrorInfo:
    """The error as it is told: the code with its text and whether it may pass."""
    text, temporary = ERRORS[code]
    return ErrorInfo(code=code, number=NUMBERS[code], message=text, temporary=temporary, details=details or {})
