"""Put back what a run took out: a cleaned text and the plan give the original."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dedup.batch.single import ANY_BYTES, read_input
from dedup.errors import DedupError
from dedup.files.read import Source

if TYPE_CHECKING:
    from dedup.files.plans import Plan


def restore(source: Source, plan_path: str) -> bytes:
    """The bytes the cleaned ``source`` was made from, by the plan at ``plan_path``."""
    from dedup.engine import plan as edits
    from dedup.files import plans

    where = source.path or source.document.name
    plan = plans.load(read_input(plan_path, None, None, ANY_BYTES).data, plan_path)
    if not plan.sides:  # nothing was removed from any document of that run
        return source.data
    entry = plan.document(_name_of(plan, source, where, plan_path))
    return plans.restored(source.data, entry, where, edits.restore)


def _name_of(plan: Plan, source: Source, where: str, plan_path: str) -> str:
    """The plan's document with this content; if there is none, the only one or the one so named."""
    from dedup.files import plans

    found = plans.fingerprint(source.data)
    candidates = [name for name, (_, output) in plan.sides.items() if output == found]
    candidates = candidates or [name for name in plan.sides if name == source.document.name]
    candidates = candidates or [*plan.sides][: len(plan.sides) == 1]
    if not candidates:
        raise DedupError(where, f"{plan_path} says nothing about it", "is it the right plan?")
    return candidates[0]
