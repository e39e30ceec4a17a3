"""Size and digest: what tells whether bytes are the ones that were meant."""

from __future__ import annotations

from dataclasses import dataclass

DIGEST_BYTES = 32


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Enough to tell whether bytes are the ones that were meant."""

    size: int
    """In bytes."""
    blake2b: str
    """Hexadecimal, 256 bits."""


def fingerprint(data: bytes) -> Fingerprint:
    """Size and digest of ``data``."""
    from hashlib import blake2b

    return Fingerprint(len(data), blake2b(data, digest_size=DIGEST_BYTES).hexdigest())
