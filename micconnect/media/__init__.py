"""The media plane: who is on air is decided elsewhere; here it is made so in sound and picture."""
