"""What the moves are drawn from."""

from datetime import timedelta

from hypothesis import strategies as st

from micconnect.protocol.words import Device, Entry, LinkMedia
from tests.stateful.harness import STAFF, mostly

INSTANT = timedelta(microseconds=1)
LATE = 30  # the show is not ended before this step, or most runs would be short

picks = st.integers(0, 11)
staff = st.sampled_from(STAFF)
medias = st.sampled_from(LinkMedia)
devices = st.sampled_from(Device)
entries = mostly(Entry.OPEN, Entry.MUTED, Entry.CLOSED)
windows = mostly("", "w1", "w2")
waits = st.sampled_from([None, None, 0, 5, 60])
seats = st.sampled_from([-1, -1, -1, *range(10)])
flags = st.booleans()
edges = st.sampled_from([-INSTANT, timedelta(0), INSTANT])
