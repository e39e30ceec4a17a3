"""Paths become documents, their plans and files: read, analyze, prove on the bytes, write."""
