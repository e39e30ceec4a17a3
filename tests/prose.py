"""Made-up English prose: any amount, always the same for a seed, no passage twice."""

from __future__ import annotations

from random import Random

NOUNS = """harbour ledger orchard tram museum lantern valley bakery engine bridge council garden
market violin kettle archive island chimney teacher farmer pilot weaver printer sailor glacier
notebook window carpet station forest meadow compass quarry theatre balcony cellar festival
committee railway newspaper workshop reservoir monument telescope accordion pharmacy vineyard
corridor staircase lighthouse blacksmith apprentice surveyor gardener translator"""
ADJECTIVES = """quiet narrow ancient brittle generous copper distant early famous gentle hollow
idle jagged keen local modest northern obscure patient quick rusty sober tidy unusual vivid weary
yellow wooden stubborn shallow remote polished muddy loyal humid frozen eager crooked borrowed
abandoned"""
VERBS = """crossed repaired painted counted measured followed ignored opened described carried
rebuilt questioned visited sketched praised doubted delayed borrowed noticed recorded abandoned
polished surrounded defended explained inherited photographed translated weighed forgot"""
TAILS = """before the first snow; after a long winter; without saying much; in spite of the rain;
on the last day of the fair; for reasons nobody wrote down; while the ferry waited; under a borrowed
umbrella; long past midnight; with some reluctance; as the bells fell silent; in exchange for two
sacks of flour; against all advice; to everybody's surprise"""
LINKS = ["and", "but", "while", "because", "so", "although", "until", "whereas"]
WORDS = {text: text.split() for text in (NOUNS, ADJECTIVES, VERBS)}


def paragraphs(count: int, seed: int = 0) -> list[str]:
    """``count`` different paragraphs of three to five sentences."""
    random = Random(seed)
    return [
        " ".join(_sentence(random) for _ in range(random.randrange(3, 6))) for _ in range(count)
    ]


def doubled(count: int, seed: int = 0, separator: str = "\n\n") -> str:
    """``count`` paragraphs, all of them once again, and a newline at the end."""
    return separator.join(paragraphs(count, seed) * 2) + "\n"


def _sentence(random: Random) -> str:
    clauses = [_clause(random)]
    while random.random() < 0.45:
        clauses += [random.choice(LINKS), _clause(random)]
    if random.random() < 0.6:
        clauses.append(" ".join(random.choice(TAILS.split(";")).split()))
    sentence = " ".join(clauses)
    return sentence[0].upper() + sentence[1:] + "."


def _clause(random: Random) -> str:
    subject, thing = _thing(random), _thing(random)
    clause = f"{subject} {random.choice(WORDS[VERBS])} {thing}"
    return f"{clause} near {_thing(random)}" if random.random() < 0.4 else clause


def _thing(random: Random) -> str:
    adjective = f"{random.choice(WORDS[ADJECTIVES])} " if random.random() < 0.7 else ""
    return f"{random.choice(['the', 'a', 'one', 'every'])} {adjective}{random.choice(WORDS[NOUNS])}"
