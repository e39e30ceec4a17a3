"""Many documents' question: what repeats across them?

Documents come in as sheets, one each, and are held as flat columns: numbers in memory, letters and texts in
files that are mapped. Pure but for those files: no terminal, clock or environment.
"""
