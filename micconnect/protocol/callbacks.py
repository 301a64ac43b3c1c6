"""What somebody concerned hears of a change: states are whole lists (newest wins), moments happen once."""

from enum import StrEnum
from typing import Literal, get_args

from micconnect.protocol.views import (
    ConnectedUser,
    InviteLinkInfo,
    LastConnection,
    LiveInfo,
    MediaInfo,
    MyState,
    RequestInfo,
    SanctionInfo,
    SeatInfo,
    UserInfo,
)
from micconnect.protocol.words import ConnectionEnd, Device, Quality, RoomEnd, SeatIndex, Wire


class Callback(Wire, frozen=True):
    """What somebody concerned hears of a change."""


class State(Callback, frozen=True):
    """A whole small picture; the newest one replaces the former."""


class Moment(Callback, frozen=True):
    """Something that just happened; missing it loses no knowledge."""


class OnLiveInfoChanged(State, frozen=True, tag="onLiveInfoChanged"):
    info: LiveInfo


class OnConnectedUsersUpdated(State, frozen=True, tag="onConnectedUsersUpdated"):
    connected_users: tuple[ConnectedUser, ...]


class OnSeatListChanged(State, frozen=True, tag="onSeatListChanged"):
    """All seats of the room, 0 first, with their locks."""

    seats: tuple[SeatInfo, ...]


class OnRoomMetadataChanged(State, frozen=True, tag="onRoomMetadataChanged"):
    metadata: dict[str, str]


class OnRequestsUpdated(State, frozen=True, tag="onRequestsUpdated"):
    """Staff: the open requests; applications in the order in which they will be served."""

    requests: tuple[RequestInfo, ...]


class OnSanctionsUpdated(State, frozen=True, tag="onSanctionsUpdated"):
    """Staff: the bars and bans in force, oldest first."""

    sanctions: tuple[SanctionInfo, ...]


class OnInviteLinksUpdated(State, frozen=True, tag="onInviteLinksUpdated"):
    """Staff: the links that can still be used, oldest first."""

    links: tuple[InviteLinkInfo, ...]


class OnMyStateUpdated(State, frozen=True, tag="onMyStateUpdated"):
    me: MyState


class OnRoomUserCountChanged(State, frozen=True, tag="onRoomUserCountChanged"):
    """Sampled count of people in the room; carries no seq of its own."""

    count: int


class OnUserVoiceVolumeChanged(State, frozen=True, tag="onUserVoiceVolumeChanged"):
    """Sampled loudness at the media server, 0-100, of those who speak now, by user id; carries no seq of its own."""

    volumes: dict[str, int]


class OnUserNetworkQualityChanged(State, frozen=True, tag="onUserNetworkQualityChanged"):
    """Sampled quality of each seat's line to the media server, by user id; carries no seq of its own."""

    qualities: dict[str, Quality]


class OnMediaServerChanged(State, frozen=True, tag="onMediaServerChanged"):
    """The media server went away or came back; carries no seq of its own."""

    media: MediaInfo


class OnPicturesChanged(State, frozen=True, tag="onPicturesChanged"):
    """Which seats the moving pictures show now, in the order of their slots (-1: nobody); carries no seq of its own."""

    seats: tuple[int, ...]


class OnMediaMoved(State, frozen=True, tag="onMediaMoved"):
    """Another media server carries the room now: publish and watch again; carries no seq of its own."""


class OnUserConnectionRequest(Moment, frozen=True, tag="onUserConnectionRequest"):
    """Staff: an application arrived. Audience: an invitation arrived."""

    request: RequestInfo


class OnUserConnectionCancelled(Moment, frozen=True, tag="onUserConnectionCancelled"):
    """The request was withdrawn, or became void; told to the side that could have answered."""

    request: RequestInfo


class OnUserConnectionAccepted(Moment, frozen=True, tag="onUserConnectionAccepted"):
    """Requester: the answer is yes."""

    request: RequestInfo


class OnUserConnectionRejected(Moment, frozen=True, tag="onUserConnectionRejected"):
    """Requester: the answer is no."""

    request: RequestInfo


class OnUserConnectionTimeout(Moment, frozen=True, tag="onUserConnectionTimeout"):
    """Both sides: nobody answered in time."""

    request: RequestInfo


class OnRequestProcessed(Moment, frozen=True, tag="onRequestProcessed"):
    """Staff: one of them answered an application."""

    request: RequestInfo


class OnUserConnectionTerminated(Moment, frozen=True, tag="onUserConnectionTerminated"):
    """Guest: taken off air by the staff, or the time was up; `endReason` says which."""

    last_connection: LastConnection


class OnUserConnectionExited(Moment, frozen=True, tag="onUserConnectionExited"):
    """Everybody: a guest left the seat, was lost, or the time was up."""

    user: UserInfo
    seat_index: SeatIndex
    end_reason: ConnectionEnd


class OnLocalDeviceClosedByAdmin(Moment, frozen=True, tag="onLocalDeviceClosedByAdmin"):
    """Guest: the staff muted and locked a device."""

    device: Device
    operator: UserInfo


class OnLocalDeviceOpenedByAdmin(Moment, frozen=True, tag="onLocalDeviceOpenedByAdmin"):
    """Guest: the staff lifted the lock; the device stays closed until the guest opens it (`unlockOnly`)."""

    device: Device
    operator: UserInfo
    policy: Literal["unlockOnly"] = "unlockOnly"


class OnDeviceAsked(Moment, frozen=True, tag="onDeviceAsked"):
    """Guest: the staff asks for a device to be opened; only the guest can do it."""

    device: Device
    operator: UserInfo


class OnDeviceRequested(Moment, frozen=True, tag="onDeviceRequested"):
    """Staff: a guest asks for the lock of a device to be lifted."""

    user: UserInfo
    device: Device


class OnBarredFromMic(Moment, frozen=True, tag="onBarredFromMic"):
    """The person: no seat in this room until then."""

    sanction: SanctionInfo


class OnKickedOutOfRoom(Moment, frozen=True, tag="onKickedOutOfRoom"):
    """The person: banned from the room; the socket closes with 4011 next."""

    sanction: SanctionInfo


class OnSanctionLifted(Moment, frozen=True, tag="onSanctionLifted"):
    """The person: a bar or ban is over."""

    sanction: SanctionInfo


class OnRoomDismissed(Moment, frozen=True, tag="onRoomDismissed"):
    room_id: str
    reason: RoomEnd


AnyCallback = (
    OnLiveInfoChanged
    | OnConnectedUsersUpdated
    | OnSeatListChanged
    | OnRoomMetadataChanged
    | OnRequestsUpdated
    | OnSanctionsUpdated
    | OnInviteLinksUpdated
    | OnMyStateUpdated
    | OnRoomUserCountChanged
    | OnUserVoiceVolumeChanged
    | OnUserNetworkQualityChanged
    | OnMediaServerChanged
    | OnPicturesChanged
    | OnMediaMoved
    | OnUserConnectionRequest
    | OnUserConnectionCancelled
    | OnUserConnectionAccepted
    | OnUserConnectionRejected
    | OnUserConnectionTimeout
    | OnRequestProcessed
    | OnUserConnectionTerminated
    | OnUserConnectionExited
    | OnLocalDeviceClosedByAdmin
    | OnLocalDeviceOpenedByAdmin
    | OnDeviceAsked
    | OnDeviceRequested
    | OnBarredFromMic
    | OnKickedOutOfRoom
    | OnSanctionLifted
    | OnRoomDismissed
)


class Lane(StrEnum):
    """Whom a frame of callbacks is for: everybody, the staff, or one person."""

    ROOM = "room"
    STAFF = "staff"
    ME = "me"


CALLBACK_TYPES: tuple[type[Callback], ...] = get_args(AnyCallback)
