"""MicConnect: the audience mic link for live streams."""
