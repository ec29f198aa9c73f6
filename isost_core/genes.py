"""Finding genes by the names people type."""

import difflib
from collections.abc import Iterable, Sequence

from isost_core.errors import InputError


def find_genes(names: str | Iterable[str], genes: Sequence[str]) -> list[int]:
    """Indices in `genes` of the named ones: an exact match first, else without regard to case.

    `names` is a list, or one string with commas. An unknown name is an InputError with the nearest ones.
    """
    if isinstance(names, str):
        names = names.split(",")
    names = [name.strip() for name in names if name.strip()]
    if not names:
        raise InputError(f"No gene was given. The first genes of this run are {', '.join(genes[:5])}.")
    exact = {gene: i for i, gene in enumerate(genes)}
    folded = {}
    for i, gene in enumerate(genes):
        folded.setdefault(gene.casefold(), i)
    return [exact[name] if name in exact else _folded(name, folded, genes) for name in names]


def _folded(name: str, folded: dict[str, int], genes: Sequence[str]) -> int:
    if name.casefold() in folded:
        return folded[name.casefold()]
    if near := near_genes(name, genes):
        hint = f"Did you mean: {', '.join(near)}?"
    else:
        hint = f"It has {len(genes)} genes, among them {', '.join(genes[:5])}."
    raise InputError(f"Gene '{name}' is not in this run. {hint}")


def near_genes(name: str, genes: Sequence[str], most: int = 3) -> list[str]:
    """The genes whose names are most like this one, without regard to case; none where nothing is like it."""
    folded = {gene.casefold(): gene for gene in reversed(genes)}
    return [folded[near] for near in difflib.get_close_matches(name.casefold(), folded, n=most, cutoff=0.4)]
