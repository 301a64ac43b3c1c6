"""The laws of a room, held against chains of commands that nobody thought of."""
