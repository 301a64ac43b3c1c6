"""Janus as the media server: this process is the only client of its API, browsers only ever see SDP."""
