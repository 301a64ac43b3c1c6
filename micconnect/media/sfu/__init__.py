"""The embedded forwarder: RTP goes from publishers to viewers undecoded, in a process of its own."""
