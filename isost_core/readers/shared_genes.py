"""The genes that all files of a stack have, though they may write their names in different ways."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from isost_core.errors import InputError
from isost_core.readers.header import Header

CONTROLS = re.compile(r"(NegControl|NegPrb|Negative\d|SystemControl|FalseCode|Blank[-_]?\d|BLANK[-_]|blank[-_]\d|"
                      r"NegProbe|[Nn]egprobe|NegativeControl|[Bb]lank\d|ERCC-\d|antisense_|DeprecatedCodeword|UnassignedCodeword|UnassignedProbe|Intergenic_Region|GenomicControl)")
GENOMES = re.compile(r"(GRCh3[78]|hg19|hg38|GRCm3[89]|mm10|mm39|rnor\w*|Rnor\w*|mRatBN\w*|GRCz1[01])[-_]+(.+)")
VERSION = re.compile(r"(ENS[A-Z]*G\d{6,})\.\d+")
DATES = re.compile(r"\d{1,2}-(Mar|Sept?|Dec|Oct|Apr|Feb|Nov)(-\d+)?|(Mar|Sept?|Dec|Oct|Apr|Feb|Nov)-\d{1,2}|"
                   r"\d{4}-\d\d-\d\d( 00:00:00)?|\d{1,2}/\d{1,2}/\d{2,4}", re.IGNORECASE)
MOST_PREFIXED, FEW, MANY = 0.9, 0.2, 0.5  # shares of genes


@dataclass(frozen=True)
class SharedGenes:
    """genes : that all files have, in the order of the first; dropped : that some file lacks; notes : what was done"""

    genes: tuple[str, ...]
    dropped: tuple[str, ...]
    notes: tuple[str, ...]


def renamed(headers: Sequence[Header]) -> list[Header]:
    """The headers with the names of genes that the first of them has, where another writes them in another way: with
    a genome in front, by another name, with the version of an Ensembl id, or as R writes names. What was done is a note
    of the header. Files of two species are an InputError."""
    cleaned = [_without_genome(_without_spaces(header)) for header in headers]
    return [*cleaned[:1], *(_like(cleaned[0], header) for header in cleaned[1:])]


def find(headers: Sequence[Header]) -> SharedGenes:
    """Genes of the first file that every other file has too; controls are left out. None at all is an InputError."""
    common = set.intersection(*(set(h.genes) for h in headers))
    if not common:
        example = "; ".join(f"{h.file} has {', '.join(h.genes[:3])}" for h in headers[:2])
        raise InputError(f"The files share no genes ({example}). Use the same kind of gene name in all of them.")
    controls = [g for g in dict.fromkeys(g for h in headers for g in h.genes) if CONTROLS.match(g)]
    genes = tuple(g for g in headers[0].genes if g in common and not CONTROLS.match(g))
    if not genes:
        raise InputError(f"{headers[0].file} has control probes ({', '.join(controls[:3])}), but no genes. Give the "
                         "file with the counts of genes.")
    dropped = dict.fromkeys(g for h in headers for g in h.genes if g not in common and not CONTROLS.match(g))
    return SharedGenes(genes, tuple(dropped), (*_on_controls(controls), *_on_few(headers, len(genes))))


def _on_controls(controls: Sequence[str]) -> tuple[str, ...]:
    if not controls:
        return ()
    said = "1 control probe is no gene and was" if len(controls) == 1 else f"{len(controls):,} control probes are no " \
        "genes and were"
    return (f"{said} left out: {_some(controls)}.",)


def _on_few(headers: Sequence[Header], n: int) -> tuple[str, ...]:
    each = [sum(CONTROLS.match(g) is None for g in h.genes) for h in headers]
    if n >= MANY * min(each):
        return ()
    sizes = ", ".join(f"{h.file} {m:,}" for h, m in zip(headers[:6], each, strict=False))
    sizes += ", ..." if len(headers) > 6 else ""
    said = "1 gene is" if n == 1 else f"{n:,} genes are"
    return (f"Only {said} in every file (genes of each: {sizes}). Check that all use the same kind of gene "
            "name.",)


def _without_spaces(header: Header) -> Header:
    """The header without the spaces around names of genes, unless two genes would then have one name."""
    genes = [gene.strip() for gene in header.genes]
    if genes == header.genes or len(set(genes)) < len(genes) or "" in genes:
        return header
    notes = (*header.notes, f"{header.file}: spaces around the names of genes were taken off.")
    others = {gene.strip(): other for gene, other in header.other_names.items()}
    return replace(header, genes=genes, other_names=others, notes=notes)


def _without_genome(header: Header) -> Header:
    """GRCh38_GAD1 is GAD1, where nearly all genes have the same genome in front."""
    found = [GENOMES.fullmatch(gene) for gene in header.genes]
    genomes = Counter(m.group(1) for m in found if m)
    notes = _on_dates(header)
    if not genomes or sum(genomes.values()) < MOST_PREFIXED * len(found):
        return replace(header, notes=header.notes + notes) if notes else header
    if len(genomes) > 1:
        said = (f"{header.file}: the genes are of {' and '.join(genomes)}. They were kept apart, with the genome in "
                "front of each name.",)
        return replace(header, notes=header.notes + notes + said)
    genes = [m.group(2) if m else gene for gene, m in zip(header.genes, found, strict=True)]
    if len(set(genes)) < len(genes):
        return header
    said = (f"{header.file}: '{next(iter(genomes))}' in front of the names of genes was taken off.",)
    return replace(_with_genes(header, genes), notes=header.notes + notes + said)


def _on_dates(header: Header) -> tuple[str, ...]:
    dates = [gene for gene in header.genes if DATES.fullmatch(gene)]
    return (f"{header.file}: a spreadsheet turned names of genes into dates ({_some(dates)}). They were genes such as "
            "MARCH1 or SEPT2, and match no other file. Export the names again.",) if dates else ()


def _with_genes(header: Header, genes: Sequence[str]) -> Header:
    """A header whose genes have other names, in the same order."""
    others = {new: header.other_names.get(old, old) for new, old in zip(genes, header.genes, strict=True)
              if new != old or old in header.other_names}
    return replace(header, genes=list(genes), other_names={g: o for g, o in others.items() if g != o})


def _like(first: Header, header: Header) -> Header:
    """`header` with the names of `first` for the same genes."""
    new, notes = dict(zip(header.genes, header.genes, strict=True)), []
    free, taken = dict.fromkeys(g for g in header.genes if g not in set(first.genes)), set(header.genes)
    open_ones = dict.fromkeys(g for g in first.genes if g not in taken)
    if not free or not open_ones:
        return header
    for keys_of, how in RULES:
        pairs = _matched(keys_of, free, header, open_ones, first)
        if not pairs:
            continue
        new |= pairs
        for mine, theirs in pairs.items():
            free.pop(mine)
            open_ones.pop(theirs)
        mine, theirs = next(iter(pairs.items()))
        said = "gene was" if len(pairs) == 1 else "genes were"
        notes.append(f"{header.file}: {len(pairs):,} {said} matched to those of {first.file} {how}, such as {mine} "
                     f"and {theirs}.")
    notes += _on_case(first, header, free, open_ones, len(header.genes) - len(free))
    return replace(_with_genes(header, [new[g] for g in header.genes]), notes=(*header.notes, *notes))


def _matched(keys_of: Callable[[str, Header], Collection[str]], mine: Collection[str], header: Header,
             theirs: Collection[str], first: Header) -> dict[str, str]:
    """{gene of `header`: gene of `first`} that have a key in common which no other gene of either has."""
    here, there = _by_key(keys_of, mine, header), _by_key(keys_of, theirs, first)
    pairs: dict[str, str] = {}
    used = set()
    for key, gene in here.items():
        target = there.get(key)
        if target is not None and gene not in pairs and target not in used:
            pairs[gene] = target
            used.add(target)
    return pairs


def _by_key(keys_of: Callable[[str, Header], Collection[str]], genes: Collection[str],
            header: Header) -> dict[str, str]:
    found: dict[str, str] = {}
    twice = set()
    for gene in genes:
        for key in set(keys_of(gene, header)):
            if key in found:
                twice.add(key)
            found[key] = gene
    return {key: gene for key, gene in found.items() if key not in twice}


def _versionless(gene: str, _: Header | None = None) -> list[str]:
    found = VERSION.fullmatch(gene)
    return [found.group(1) if found else gene]


def _both_names(gene: str, header: Header) -> list[str]:
    return [name for one in (gene, header.other_names.get(gene, gene)) for name in _versionless(one)]


def _as_r(gene: str, _: Header) -> list[str]:
    """As R's make.names leaves it: signs as dots, an X before a digit."""
    plain = re.sub(r"[^A-Za-z0-9.]", ".", gene)
    return [f"X{plain}" if plain[:1].isdigit() else plain]


RULES = ((_versionless, "by the Ensembl id without its version"), (_both_names, "by their other name"),
         (_as_r, "as R writes names, where only one fits"))


def _on_case(first: Header, header: Header, free: Collection[str], left: Collection[str], n_same: int) -> list[str]:
    """A note on genes that differ only in upper and lower case; many of them, and few equal ones, are two species."""
    folded = {gene.casefold(): gene for gene in left}
    pairs = [(gene, folded[gene.casefold()]) for gene in free if gene.casefold() in folded]
    if not pairs:
        return []
    fewest = min(len(first.genes), len(header.genes))
    mine, theirs = pairs[0]
    if len(pairs) > MANY * fewest and n_same < FEW * fewest:
        raise InputError(f"{first.file} and {header.file} look like two species, since {len(pairs):,} names of genes "
                         f"differ only in upper and lower case ({theirs} and {mine}). Give sections of one species. If "
                         "they are, write the names of the genes in the same way in all files.")
    return [f"{header.file}: genes that differ from those of {first.file} only in upper and lower case, such as {mine} "
            f"and {theirs}, were not matched. They are {len(pairs):,}."]


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")
