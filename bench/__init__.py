"""Measurements. Figures live here and in the docs, never in tests."""
