"""Files and the records of files go out as one stream of tasks, and come back as what became of each file."""

from __future__ import annotations

import pickle
from collections import deque
from collections.abc import Callable, Iterable, Iterator

from dedup.batch.records import RecordDone, Records
from dedup.batch.work import AnyDone, AnyTask, Done, Task

TOLD_EVERY = 32
"""Records after which it is told how far the file is read."""


class Flow:
    """The order of what is under way. Answers come in the order of the tasks."""

    def __init__(
        self,
        open_records: Callable[[Task], Records | Done | None],
        finished: Callable[[Task, Records], Done],
        read: Callable[[int], None] | None = None,
    ) -> None:
        """``read`` is told now and then how many bytes of a file of records were read."""
        self._open_records = open_records
        self._finished = finished
        self._read = read
        self._answers = 0
        self._order: deque[tuple[Task, Records | Done | None]] = deque()

    def asked(self, tasks: Iterable[Task]) -> Iterator[AnyTask]:
        """What is to be done for the files of ``tasks``: they themselves, or their records one by one."""
        for task in tasks:
            records = self._open_records(task)
            self._order.append((task, records))
            if records is None:
                yield task
            elif isinstance(records, Records):
                yield from records.tasks()

    def answered(self, answers: Iterable[AnyDone]) -> Iterator[Done]:
        """What became of each file; right behind one of records, what there is to say of them."""
        for answer in answers:
            yield from self._complete()
            if isinstance(answer, RecordDone):
                records = self._order[0][1]
                assert isinstance(records, Records)
                records.take(answer)
                self._answers += 1
                if self._read is not None and self._answers % TOLD_EVERY == 0:
                    self._read(records.opening.position)
            else:
                self._order.popleft()
                yield answer
        yield from self._complete()

    def _complete(self) -> Iterator[Done]:
        """The files at the front for which no answer is missing."""
        while self._order:
            task, records = self._order[0]
            if isinstance(records, Done):
                self._order.popleft()
                yield records
            elif records is not None and records.is_complete:
                self._order.popleft()
                yield from self._told(task, records)
            else:
                return

    def _told(self, task: Task, records: Records) -> Iterator[Done]:
        try:
            done = self._finished(task, records)
            yield done
            if done.failure is None:
                for entry in records.said:
                    number, tally, parts = pickle.loads(entry)  # our own bytes
                    notes = (tally.note,) if tally and tally.note else ()
                    yield Done(task.found, tally, parts=parts, notes=notes, record=number)
        finally:
            records.close()

    def close(self) -> None:
        """Give back what the disk holds for files that are not finished."""
        for _, records in self._order:
            if isinstance(records, Records):
                records.close()
        self._order.clear()
