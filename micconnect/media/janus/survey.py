"""What of ours stands in a Janus that has just been reached."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Container, Iterable
from functools import partial
from typing import TypeVar

from msgspec import Struct

from micconnect.media.janus import marks
from micconnect.media.janus.messages import Handle, JanusError, decode_handle
from micconnect.media.janus.wire import Wire

logger = logging.getLogger(__name__)

ASKED_AT_ONCE = 32

Item = TypeVar("Item")
Result = TypeVar("Result")


class FoundHandle(Struct, frozen=True):
    """A handle of ours that was there before us."""

    mark: marks.Mark
    info: Handle


class FoundSession(Struct, frozen=True):
    """A session of ours that was there before us, already claimed."""

    session_id: int
    generation: int
    control: int
    handles: list[FoundHandle]


async def survey(api: Wire, admin: Wire, installation: str, condemned: Container[int]) -> list[FoundSession]:
    """Our sessions in Janus, all claimed; others are left alone. Raises MediaUnavailable.

    What is condemned, or of another version than ours, is ended: nobody can say what to do with it.
    """
    found = []
    for session_id in (await admin.ask("list_sessions")).sessions:
        if session_id in condemned:
            await end_session(api, session_id)
            continue
        with contextlib.suppress(JanusError):  # it has just ended
            control = _control_of(await _handles(admin, session_id, is_full=False), installation)
            if control is None:
                continue
            await api.ask("claim", session_id=session_id)
            session = _read(session_id, control, await _handles(admin, session_id, is_full=True))
            if session is not None:
                found.append(session)
            else:
                await end_session(api, session_id)
    return found


async def end_session(api: Wire, session_id: int) -> None:
    """End a session with all that it carries. No error if there is none. Raises MediaUnavailable."""
    with contextlib.suppress(JanusError):
        await api.ask("destroy", session_id=session_id)


async def _handles(admin: Wire, session_id: int, *, is_full: bool) -> list[Handle]:
    """The handles of a session, lines with all about them if `is_full`."""
    ids = (await admin.ask("list_handles", session_id=session_id)).handles
    found = await each(partial(_handle, admin, session_id, is_full=is_full), ids)
    return [handle for handle in found if handle is not None]


async def _handle(admin: Wire, session_id: int, handle: int, *, is_full: bool) -> Handle | None:
    with contextlib.suppress(JanusError):  # it has just ended
        info = await handle_info(admin, session_id, handle, is_full=False)
        if is_full and isinstance(marks.read(info.opaque_id), marks.LineMark):
            info = await handle_info(admin, session_id, handle, is_full=True)
        return info
    return None


def _control_of(handles: list[Handle], installation: str) -> marks.ControlMark | None:
    controls = [mark for handle in handles if isinstance(mark := marks.read(handle.opaque_id), marks.ControlMark)]
    return next((control for control in controls if control.installation == installation), None)


def _read(session_id: int, control: marks.ControlMark, handles: list[Handle]) -> FoundSession | None:
    """The session, None if anything in it cannot be read."""
    pairs = [(marks.read(handle.opaque_id), handle) for handle in handles]
    found = [FoundHandle(mark, handle) for mark, handle in pairs if mark is not None]
    own = next((pair.info.handle_id for pair in found if pair.mark == control), None)
    if own is None or len(found) < len(pairs) or control.version != marks.VERSION:
        logger.warning("a session of another version stands in Janus and is ended")
        return None
    return FoundSession(session_id, control.generation, own, found)


async def handle_info(admin: Wire, session_id: int, handle: int, *, is_full: bool) -> Handle:
    """One handle; only the plugin's part unless `is_full`. Raises MediaUnavailable, JanusError."""
    reply = await admin.ask("handle_info", session_id=session_id, handle_id=handle, plugin_only=not is_full)
    return decode_handle(reply.info)


async def each(act: Callable[[Item], Awaitable[Result]], items: Iterable[Item]) -> list[Result]:
    """What `act` returns for each item, a bounded number at a time."""
    turns = asyncio.Semaphore(ASKED_AT_ONCE)

    async def one(item: Item) -> Result:
        async with turns:
            return await act(item)

    return await asyncio.gather(*map(one, items))
