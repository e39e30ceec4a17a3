"""Bytes at the border: reading, writing and the plan's file format. Knows nothing of the engine."""
