"""One document's question: what repeats here? Pure: no disk, terminal, clock or environment."""
