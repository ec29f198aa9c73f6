"""The report of a validation from what was found on each held-out section."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from isost_core.validation.metrics import Measured, Predicted

if TYPE_CHECKING:
    from isost_core.validation.hold_out import Judge

import warnings

import numpy as np

from isost_core.files import as_plain
from isost_core.sections.spacing import cell_spacing, even_subset
from isost_core.validation.comparison import at_width, best, mean_over, mean_rows
from isost_core.validation.metrics import bin_cells
from isost_core.validation.trust import GRADES, RULE, grade_genes

OURS = "reconstruction"
HALVES = "half of the same section"
MEASURED = "measured"
SHOWN_CELLS = 4000  # of a section in a picture


def finish(judge: Judge, results: list[dict[str, Any]], about: dict[str, Any]) -> dict[str, Any]:
    """The report: a dict of plain values, with NaN as None.

    Parameters
    ----------
    judge : Judge
    results : what was found on each held-out section
    about : dict of what was asked for
    """
    main = [s for s in results if s["main"]]
    means = mean_rows([s["scored"] for s in main])
    simple = [name for name in means if name != OURS]
    means[HALVES] = mean_over([s["halves"] for s in main])
    width = trust_width(judge, main)
    rival = best(at_width("pcc", width), {name: means[name] for name in simple})[0]
    genes = _gene_table(judge, main, width, rival)
    about |= {"stack": _stack(judge), "grid_um": list(judge.widths), "trust_um": width, "best_simple": rival,
              "grades": GRADES, "rule": RULE, "shifted_genes": sorted({g for s in main for g in s["shifted_genes"]})}
    return as_plain({
        "about": about, "summary": means, "sections": [_plain_section(s) for s in main],
        "gaps": [_gap_point(s, width, rival) for s in results], "calibration": _calibration(main), "genes": genes,
        "per_gene": _per_gene(judge, main), "pictures": _pictures(judge, main, genes), "bins": _bins(judge, main)})


def _stack(judge: Judge) -> dict[str, Any]:
    sections = judge.sections
    return {"sections": [{"name": n, "depth_um": d, "cells": len(sections.rows(n))}
                         for n, d in zip(sections.names, sections.depths, strict=True)],
            "genes": len(sections.genes), "compared_genes": len(judge.genes), "frame": sections.frame,
            "noun": sections.noun, "y_down": sections.y_down, "normalize": sections.normalize,
            "cell_spacing_um": cell_spacing(sections),
            "synthetic": bool(sections.synthetic)}


def trust_width(judge: Judge, main: list[dict[str, Any]]) -> float:
    """Bin width genes are judged at: the middle one, or the widest where halves of a section share too few bins."""
    middle = sorted(judge.widths)[len(judge.widths) // 2]
    ceilings = [s["halves"][at_width("ceiling", middle)] for s in main]
    return middle if np.isfinite(ceilings).all() else max(judge.widths)


def _average(arrays: list[np.ndarray]) -> np.ndarray:
    """Mean over sections, (genes,), leaving out where a gene could not be measured."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a gene that no section could measure stays NaN
        return np.nanmean(np.stack(arrays), axis=0)


def _gene_table(judge: Judge, main: list[dict[str, Any]], width: float, rival: str | None) -> list[dict[str, Any]]:
    """One row per gene, most to be trusted first."""
    def mean(method: str | None, name: str) -> np.ndarray:
        known = [s["genes"][method][name] for s in main if method in s["genes"]]
        return _average(known) if known else np.full(len(judge.genes), np.nan)

    pcc = at_width("pcc", width)
    columns = {"pcc": mean(OURS, pcc), "ceiling": mean(HALVES, at_width("ceiling", width)),
               "best_simple": mean(rival, pcc), "cov80": mean(OURS, "cov80"),
               "mean": mean(MEASURED, "mean"), "zeros": mean(MEASURED, "zeros")}
    grades, columns["share"] = grade_genes(columns["pcc"], columns["ceiling"], columns["best_simple"])
    rank = np.lexsort((-np.nan_to_num(columns["pcc"], nan=-2), np.array(["ABC-".index(g) for g in grades])))
    names = [judge.sections.genes[g] for g in judge.genes]
    return [{"gene": names[g], "grade": str(grades[g])} | {c: float(v[g]) for c, v in columns.items()} for g in rank]


def _per_gene(judge: Judge, main: list[dict[str, Any]]) -> dict[str, Any]:
    """Every per-gene metric of every method, averaged over sections; lists in the order of `gene`."""
    methods = dict.fromkeys(name for s in main for name in s["genes"])
    found = {m: [s["genes"][m] for s in main if m in s["genes"]] for m in methods}
    return {"gene": [judge.sections.genes[g] for g in judge.genes],
            "methods": {m: {c: _average([p[c] for p in parts]) for c in parts[0]} for m, parts in found.items()}}


def _plain_section(found: dict[str, Any]) -> dict[str, Any]:
    left = ("genes", "pair", "coverage", "levels", "main", "scored", "shifted_genes")
    return {k: v for k, v in found.items() if k not in left} | {"genes": found["genes"][OURS]}


def _gap_point(found: dict[str, Any], width: float, rival: str | None) -> dict[str, Any]:
    methods = {OURS: found["methods"][OURS], "best simple": found["methods"][rival]}
    return {k: found[k] for k in ("section", "held_out_with", "gap_um", "nearest_um")} | {
        metric: {name: values[at_width(metric, width)] for name, values in methods.items()}
        for metric in ("pcc", "rmse")}


def _calibration(main: list[dict[str, Any]]) -> dict[str, Any]:
    methods = dict.fromkeys(name for s in main for name in s["coverage"])
    return {"levels": list(main[0]["levels"]),
            "methods": {m: np.mean([s["coverage"][m] for s in main if m in s["coverage"]], 0) for m in methods}}


def _pictures(judge: Judge, main: list[dict[str, Any]], genes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The best, the median and the worst predicted gene on the middle held-out section, cell by cell."""
    judged = sorted((g for g in genes if np.isfinite(g["pcc"])), key=lambda g: -g["pcc"])
    if not judged:
        return []
    measured, predicted = next(s["pair"] for s in main if s["pair"])
    index = {judge.sections.genes[g]: n for n, g in enumerate(judge.genes)}
    rng = np.random.default_rng(judge.seed)
    here, there = (even_subset(xy, SHOWN_CELLS, rng) for xy in (measured.xy, predicted.xy))
    return [{"role": role, "gene": gene["gene"],
             "measured": _points(measured.xy[here], measured.values[here, index[gene["gene"]]]),
             "sampled": _points(predicted.xy[there], predicted.X[there, index[gene["gene"]]])}
            for role, gene in (("best", judged[0]), ("median", judged[len(judged) // 2]), ("worst", judged[-1]))]


def _bins(judge: Judge, main: list[dict[str, Any]]) -> dict[str, Any]:
    """Every gene on the middle held-out section: measured and predicted mean of each bin."""
    found = next(s for s in main if s["pair"])
    width = trust_width(judge, main)
    one, other = found["pair"]
    at, measured, predicted = _common_bins(one, other, width)
    names = [judge.sections.genes[g] for g in judge.genes]
    return {"section": found["section"], "depth_um": found["depth_um"], "width_um": width, "x": at[:, 0],
            "y": at[:, 1], "measured": dict(zip(names, np.round(measured, 3).T, strict=True)),
            "predicted": dict(zip(names, np.round(predicted, 3).T, strict=True))}


def _common_bins(measured: Measured, predicted: Predicted, width: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Centres (bins, 2) µm of bins with cells in both; measured and predicted mean of each."""
    origin = measured.xy.min(0)
    ours, here = measured.binned(width)
    theirs = bin_cells(predicted.xy, origin, width)
    _, a, b = np.intersect1d(ours.key, theirs.key, assume_unique=True, return_indices=True)
    return origin + (ours.index[a] + 0.5) * width, here[a], theirs.means(predicted.mean)[b]


def _points(xy: np.ndarray, values: np.ndarray) -> dict[str, np.ndarray]:
    return {"x": np.round(xy[:, 0], 1), "y": np.round(xy[:, 1], 1), "value": np.round(values, 2)}
