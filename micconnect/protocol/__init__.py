"""The language of the mic link: commands, replies, callbacks, error codes and limits, as they stand on the wire.

Everything a browser, a script or a company's server can say or hear is a struct in this package; the JavaScript
constants, the AsyncAPI document and `docs/protocol.md` are generated from it (`manage.py genprotocol`). Frames are
JSON text with one `type` tag; unknown fields are refused; every limit stands in the type.
Imports msgspec and the standard library only.
"""
