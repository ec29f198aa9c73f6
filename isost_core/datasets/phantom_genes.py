"""Genes of a phantom: their expected counts at a place, and counts drawn from them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

import numpy as np

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

from isost_core.datasets.phantom_brain import make_markers

MIX = {  # share of the genes of each kind of phantom; what is left over is flat
    "ball": (("spherical", 0.6), ("depth", 0.15)),
    "layers": (("layer", 0.55), ("depth", 0.25)),
    "tube": (("radial", 0.6), ("depth", 0.15)),
    "embryo": (("depth", 0.45), ("layer", 0.25)),
    "branch": (("radial", 0.5), ("depth", 0.2)),
    "lobe": (("layer", 0.3), ("radial", 0.3), ("depth", 0.15)),
    "horn": (("radial", 0.5), ("depth", 0.2)),
}
CELL_SHAPE = 10.0  # shape of the gamma factor that all counts of a cell share (coefficient of variation 0.32)
EVENTS_AT_ONCE = 4_000_000
VALUES_AT_ONCE = 8_000_000


def make_genes(kind: str, n_genes: int, rng: np.random.Generator, *, sparse: bool,
               stripes: int) -> list[dict[str, Any]]:
    """One dict per gene: name, type, form, rate, floor, centre, width. `stripes` is the most along depth."""
    if kind == "brain":
        return make_markers(n_genes, sparse=sparse)
    types = [t for t, share in MIX[kind] for _ in range(max(1, round(share * n_genes)))][:n_genes - 1]
    types += ["flat"] * (n_genes - len(types))
    digits = len(str(n_genes))
    genes, number = [], {}
    for i, type_ in enumerate(types):
        number[type_] = number.get(type_, 0) + 1
        low = sparse or i % 5 == 4
        rate = float(np.exp(rng.normal(np.log(0.25), 0.9))) if low else float(np.exp(rng.normal(np.log(8.0), 0.6)))
        rate = min(rate, 4.0) if low else rate
        genes.append({"name": f"{type_.capitalize()}{number[type_]:0{digits}d}", "type": type_, "rate": rate,
                      **_form(kind, type_, number[type_], stripes, rng)})
    return genes


def _form(kind, type_, number, stripes, rng):
    """How a gene depends on its coordinate u: linear: clip(centre + width u); bump: exp(-((u - centre)/width)²/2);
    stripes: cos²(pi (width u - centre)), width of them from end to end."""
    floor = float(rng.uniform(0.03, 0.15))
    if type_ == "flat":
        return {"form": "flat", "floor": floor, "centre": 0.0, "width": 1.0}
    if kind == "embryo" and type_ == "depth" and number % 3:
        return {"form": "stripes", "floor": floor, "centre": float(rng.random()),
                "width": float(rng.integers(2, stripes + 1))}
    bumps = {"layer": kind in ("layers", "lobe"), "radial": True, "spherical": True, "depth": False}[type_]
    if bumps and number % 2:
        return {"form": "bump", "floor": floor, "centre": float(rng.uniform(0.1, 0.9)),
                "width": float(rng.uniform(0.12, 0.25))}
    up = bool(rng.integers(2))
    return {"form": "linear", "floor": floor, "centre": 0.0 if up else 1.0, "width": 1.0 if up else -1.0}


def _pattern(form, u, centre, width):
    """f(u) from 0 to 1; arguments broadcast."""
    if form == "linear":
        return np.clip(centre + width * u, 0.0, 1.0)
    if form == "bump":
        return np.exp(-0.5 * ((u - centre) / width) ** 2)
    if form == "stripes":
        return np.cos(np.pi * (width * u - centre)) ** 2
    return np.ones_like(u + centre)


def _groups(genes):
    """(type, form) -> indices of the genes, and their parameters as arrays."""
    named = {}
    for i, gene in enumerate(genes):
        named.setdefault((gene["type"], gene["form"]), []).append(i)
    for (type_, form), index in named.items():
        yield type_, form, np.array(index), {p: np.array([genes[i][p] for i in index])
                                             for p in ("rate", "floor", "centre", "width")}


def _share(type_, form, u, par):
    """Rate as a share of the gene's largest, (..., genes); `u` maps coordinate names to arrays that broadcast."""
    value = u["depth" if type_ == "flat" else type_]
    return par["floor"] + (1 - par["floor"]) * _pattern(form, value, par["centre"], par["width"])


def rates(genes: list[dict[str, Any]], coordinates: dict[str, np.ndarray]) -> np.ndarray:
    """(n, genes) expected counts where `coordinates` maps names to (n,) arrays."""
    u = {name: value[:, None] for name, value in coordinates.items()}
    out = np.empty((len(u["depth"]), len(genes)))
    for type_, form, index, par in _groups(genes):
        out[:, index] = par["rate"] * _share(type_, form, u, par)
    return out


def draw_counts(genes: list[dict[str, Any]], coordinates_of: Callable[[np.ndarray], dict[str, np.ndarray]],
                xyz: np.ndarray, rng: np.random.Generator, *, sparse: bool) -> np.ndarray | csr_matrix:
    """float32 counts (n, genes): Poisson about the rate times a gamma factor per cell; CSR if `sparse`."""
    import scipy.sparse as sp

    factor = rng.gamma(CELL_SHAPE, 1 / CELL_SHAPE, len(xyz))
    total = sum(g["rate"] for g in genes)
    rows = max(1, int(EVENTS_AT_ONCE / total)) if sparse else max(1, VALUES_AT_ONCE // len(genes))
    starts = range(0, len(xyz), rows)
    if sparse:
        groups = list(_groups(genes))
        blocks = [_events(groups, len(genes), coordinates_of(xyz[a:a + rows]), factor[a:a + rows], rng)
                  for a in starts]
        return cast("csr_matrix", sp.vstack(blocks, format="csr"))
    counts = np.empty((len(xyz), len(genes)), dtype=np.float32)
    for a in starts:
        expected = rates(genes, coordinates_of(xyz[a:a + rows])) * factor[a:a + rows, None]
        counts[a:a + rows] = rng.poisson(expected)
    return counts


def _events(groups, n_genes, coordinates, factor, rng):
    """CSR Poisson counts of some cells by thinning; the cost goes with the events, not with the zeros.

    Each gene's events fall on cells in proportion to the cells' factors, and each is kept with probability the
    gene's rate there as a share of its largest.
    """
    import scipy.sparse as sp

    ends = np.cumsum(factor)
    cells, columns = [], []
    for type_, form, index, par in groups:
        gene = np.repeat(np.arange(len(index)), rng.poisson(par["rate"] * ends[-1]))
        cell = np.minimum(np.searchsorted(ends, rng.random(len(gene)) * ends[-1]), len(ends) - 1)
        here = {name: value[cell] for name, value in coordinates.items()}
        kept = rng.random(len(gene)) < _share(type_, form, here, {p: v[gene] for p, v in par.items()})
        cells.append(cell[kept])
        columns.append(index[gene[kept]])
    cells, columns = np.concatenate(cells).astype(np.int32), np.concatenate(columns).astype(np.int32)
    ones = np.ones(len(cells), dtype=np.float32)
    return sp.coo_matrix((ones, (cells, columns)), shape=(len(factor), n_genes)).tocsr()
