"""What a claim is judged by is found out step by step: a bound first, what is dear last."""

from __future__ import annotations

import gc
from weakref import ref

import pytest

from dedup.engine import judge, normalize, split, units
from dedup.engine.pressure import Pressure
from dedup.engine.search import aligned_in, chains_in, repeats_in
from dedup.engine.settle import Bench
from dedup.options import Options
from tests.prose import doubled


def bench_of(text: str) -> Bench:
    stream = normalize.stream(text)
    columns = units.units(stream, split.split(text))
    found = aligned_in(stream, chains_in(stream, Options()), Options())
    repeats = repeats_in(stream, columns, found)
    return Bench(stream, columns, repeats, Options())


def near_equal(count: int) -> str:
    """Paragraphs that differ in numbers alone."""
    return "\n\n".join(
        f"Item {at}: the sample was taken at sluice {at * 7 % 97} and stored on shelf {at % 13}."
        for at in range(count)
    )


TEXTS = (near_equal(24), doubled(6), doubled(4).replace("the", "teh", 3) + near_equal(8))


@pytest.mark.parametrize("text", TEXTS)
def test_each_bound_speaks_no_more_for_a_copy_than_the_one_before(text: str) -> None:
    bench = bench_of(text)
    assert bench.cases
    for case in bench.cases:
        chances = [
            judge.SCORES["balanced"].confidence(one)
            for one in bench.surroundings.bounds(case.claim)
        ]
        assert chances == sorted(chances, reverse=True)


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("level", judge.SCORES)
def test_at_its_best_a_claim_has_no_less_than_its_score_in_the_end(text: str, level: str) -> None:
    score, bench = judge.SCORES[level], bench_of(text)
    for case in bench.cases:
        evidence, pressure, support = bench.surroundings.at_best(case.claim)
        best = score.total(evidence)
        best += score.terms["pressure"] * pressure + score.terms["support"] * support
        assert score.total(bench.surroundings.evidence(case.claim)) <= best + 1e-9


@pytest.mark.parametrize("text", TEXTS)
def test_the_last_bound_is_the_evidence_however_much_was_known_before(text: str) -> None:
    asked, fresh = bench_of(text), bench_of(text)
    for case in asked.cases:
        next(asked.surroundings.bounds(case.claim))
        at_once = fresh.surroundings.evidence(case.claim)
        assert asked.surroundings.evidence(case.claim) == at_once
        assert asked.surroundings.evidence(case.claim) == at_once


def test_what_was_looked_at_is_let_go_without_a_search_for_garbage() -> None:
    gc.disable()
    try:
        left = ref(bench_of(TEXTS[0]))
    finally:
        gc.enable()
    assert left() is None


def test_few_of_many_near_equal_paragraphs_need_a_look_at_all_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = []
    honest = Pressure.without

    def without(self: Pressure, start: int, end: int) -> float:
        asked.append((start, end))
        return honest(self, start, end)

    monkeypatch.setattr(Pressure, "without", without)
    bench = bench_of(near_equal(80))
    large = [case for case in bench.cases if case.scored.repeat.matched >= 300]
    assert len(large) > 20
    assert len(asked) < len(large) / 4
