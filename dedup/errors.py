"""What a user can fix: the one exception that ends in a clear line instead of a traceback."""

from __future__ import annotations


class DedupError(Exception):
    """Something the user can put right: bad input, bad option, an output that cannot be written.

    ``where`` names the file, option or stream, ``what`` says what is wrong, ``hint`` what to do.
    All three are one line each, lower case, without a full stop; they may hold text from files and
    must be escaped where they are shown.
    """

    def __init__(self, where: str, what: str, hint: str = "") -> None:
        super().__init__(f"{where}: {what}" if where else what)
        self.where = where
        self.what = what
        self.hint = hint

    def moved(self, old: str, new: str) -> DedupError:
        """The same of ``new``, if this is said of ``old``: of a path, and not of the document in it."""
        return type(self)(new, self.what, self.hint) if self.where == old else self

    def __reduce__(self) -> tuple[type[DedupError], tuple[str, str, str]]:
        """For pickling: workers report what went wrong. The default would call with the message alone."""
        return type(self), (self.where, self.what, self.hint)


class NoField(DedupError):
    """Said of a file of records none of which has the field where the text should be."""


def fault(error: Exception, where: str = "") -> DedupError:
    """What to say of an exception that is a fault of ours, at the file ``where`` if it was at one."""
    first = (str(error).splitlines() or [""])[0]
    what = f"{type(error).__name__}: {first}" if first else type(error).__name__
    hint = "this is a fault in dedup; DEDUP_DEBUG=1 shows where"
    return DedupError(where, f"internal error: {what}", hint)
