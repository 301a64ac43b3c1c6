"""The moves of the machine, by what they are about."""
