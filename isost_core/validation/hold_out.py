"""Validation: hold measured sections out, predict them from the others, and compare.

The report is a plain dict, written as report.json; `write_report` of
isost_core.reports.validation_page makes the page from it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from isost_core import __version__
from isost_core.config import Config
from isost_core.device import resolve_device
from isost_core.errors import InputError
from isost_core.model.model import Model
from isost_core.model.training import train
from isost_core.reconstruction.timing import AFTER_TRAINING, SHARES, validation_seconds
from isost_core.reconstruction.trained import TrainedReconstruction
from isost_core.reconstruction.virtual_cells import virtual_section
from isost_core.sections.expression import dense, most_variable_genes
from isost_core.sections.scale import check_scale
from isost_core.sections.stack import Sections
from isost_core.validation.baselines import COPY, OWN, UNION, Baselines, training_cells
from isost_core.validation.comparison import tabulate
from isost_core.validation.metrics import (
    LEVELS,
    Measured,
    Predicted,
    coverage_curve,
    depth_error,
    grid_widths,
    score,
    split_half,
)
from isost_core.validation.realism import BY_SPACING, TOLD, halves_told_apart, steady_genes, told_apart
from isost_core.validation.summary import HALVES, MEASURED, OURS, finish

SCORED_GENES = 1000  # most variable genes that are compared; all are trained on
WIDEST_GAP = 3  # sections left out together, to see the error grow
PREDICTING = 0.3  # of the time in which a section is predicted and compared
WINDOWS = 3  # places in the stack where that is tried


@dataclass(frozen=True)
class Fold:
    """Sections held out together; `main` ones make the tables, the others show what a wider gap costs."""

    names: tuple[str, ...]
    main: bool


@dataclass(frozen=True)
class Judge:
    """What every held-out section of one stack is compared by: bin widths (µm), genes (by index), and the seed.

    shown : name of the held-out section that is kept for the pictures
    """

    sections: Sections
    widths: tuple[float, ...]
    genes: np.ndarray
    seed: int
    shown: str

    def measured(self, name: str) -> Measured:
        rows = self.sections.rows(name)
        return Measured(self.sections.xy[rows], dense(self.sections.X[rows][:, self.genes], np.float64))

    def depth(self, name: str) -> float:
        return float(self.sections.depths[self.sections.names.index(name)])


def validate(sections: Sections, hold_out: str | Sequence[str] = "each", config: Config | None = None,
             device: str = "auto", on_step: Callable[[str, float, str], None] | None = None,
             widths: Sequence[float] | None = None) -> dict[str, Any]:
    """Hold sections out of everything, predict them, and report how close the prediction comes.

    Parameters
    ----------
    sections : Sections, all of them
    hold_out : 'each' inner section by itself, or names of sections to hold out together
    config : Config, 'standard' by default
    device : 'auto', 'cpu' or 'cuda'
    on_step : called as on_step(stage, fraction of the whole, which fold that is, in words)
    widths : bin widths in µm; by default from the stack (`grid_widths`)

    Returns
    -------
    dict, the report: plain values only, NaN as None
    """

    check_scale(sections)
    config = config or Config.of_preset("standard")
    folds = plan_folds(sections, hold_out)
    main = [name for fold in folds if fold.main for name in fold.names]
    judge = Judge(sections, tuple(widths or grid_widths(sections)), scored_genes(sections), config.seed,
                  main[len(main) // 2])
    _refuse_constant(judge)
    device, started, results = resolve_device(device), time.time(), []
    seconds = expected_seconds(sections, hold_out, config, device)
    for n, fold in enumerate(folds):
        def tell(what: str, trained: float, compared: float = 0.0, n: int = n, fold: Fold = fold) -> None:
            if on_step:
                done = seconds[:n].sum() + seconds[n] @ (trained, compared)
                on_step(what, done / seconds.sum(), f"{n + 1} of {len(folds)}, {', '.join(fold.names)} held out")

        results += judge_fold(judge, fold, config, device, tell)
    return finish(judge, results, {
        "software": __version__, "created": time.strftime("%Y-%m-%d %H:%M", time.localtime(started)),
        "seconds": round(time.time() - started, 1), "config": config.to_dict(), "device": device,
        "hold_out": hold_out if hold_out == "each" else list(hold_out)})


def _refuse_constant(judge: Judge) -> None:
    """Refuse sections within which no gene varies: there is nothing that a prediction could be compared with."""
    if not any(np.ptp(judge.measured(name).values, axis=0).any() for name in judge.sections.names):
        raise InputError("No gene varies within the sections, so there is no pattern to predict. Check which values "
                         "were read.")


def plan_folds(sections: Sections, hold_out: str | Sequence[str] = "each") -> list[Fold]:
    """Folds of a stack; an InputError where a section cannot be predicted from the others."""
    names, inner = sections.names, sections.names[1:-1]
    if not inner:
        raise InputError("A validation needs at least three sections, so that one can be held out between two others, "
                         f"found {len(names)}. Add sections.")
    if hold_out != "each":
        chosen = tuple(dict.fromkeys(hold_out))
        sections.without(chosen)
        outer = [name for name in chosen if name not in inner]
        if outer or not chosen:
            raise InputError(f"Section '{(outer or [''])[0]}' cannot be held out, because only a section between two "
                             f"others can be predicted. Choose from {', '.join(inner)}.")
        return [Fold(chosen, True)]
    folds = [Fold((name,), True) for name in inner]
    for width in range(2, WIDEST_GAP + 1):
        starts = range(len(inner) - width + 1)
        few = np.unique(np.linspace(0, len(starts) - 1, WINDOWS).round().astype(int)) if len(starts) else []
        folds += [Fold(tuple(inner[k:k + width]), False) for k in few]
    return folds


def expected_seconds(sections: Sections, hold_out: str | Sequence[str] = "each", config: Config | None = None,
                     device: str = "auto", slowness: float | None = None) -> np.ndarray:
    """Expected seconds of training and of comparing in each fold, (folds, 2); `slowness` as in `estimate_seconds`."""

    names = [fold.names for fold in plan_folds(sections, hold_out)]
    return validation_seconds(sections, names, config or Config.of_preset("standard"), device, SCORED_GENES,
                              slowness)


def scored_genes(sections: Sections, most: int = SCORED_GENES) -> np.ndarray:
    """Indices of the genes that are compared: the most variable ones, over all measured cells."""
    return most_variable_genes(sections.X, most)


def judge_fold(judge: Judge, fold: Fold, config: Config, device: str,
               tell: Callable[..., None]) -> list[dict[str, Any]]:
    """Train without a fold's sections and score the prediction of each."""
    rest = judge.sections.without(fold.names)
    started, stages = time.perf_counter(), training_stages(config)
    model = train(rest, config, device, lambda stage, done, _: tell(stage, _overall(stages, stage, done)))
    seconds = time.perf_counter() - started
    found = judge_model(judge, fold.names, model, lambda done: tell("comparing", 1.0, done))
    return [f | {"main": fold.main, "training_s": seconds} for f in found]


def judge_model(judge: Judge, names: Sequence[str], model: Model,
                tell: Callable[[float], None] | None = None) -> list[dict[str, Any]]:
    """Score what a model trained without some sections predicts of them, beside every baseline.

    Returns
    -------
    list of dicts, one per section: plain values, {(method, places): values} under `scored`, and arrays under `genes`
    and `pair`
    """
    rest = model.sections
    simple = Baselines(training_cells(rest, judge.genes), seed=judge.seed)
    steady = steady_genes(simple.cells)
    shifted = [rest.genes[g] for g in judge.genes[~steady]]
    out = []
    for n, name in enumerate(names):
        def part(done: float, n: int = n) -> None:
            if tell:
                tell((n + done) / len(names))

        part(0.0)
        depth = judge.depth(name)
        predicted = predict_section(model, depth, judge.genes, judge.seed)
        gap = model.geometry.gap_of(depth)
        low, high = rest.depths[[gap, gap + 1]]
        about = {"section": name, "depth_um": depth, "held_out_with": len(names), "gap_um": float(high - low),
                 "nearest_um": float(min(depth - low, high - depth)), "shifted_genes": shifted}
        out.append(about | _compare(judge, name, predicted, simple, steady, part))
    return out


def training_stages(config: Config) -> dict[str, tuple[float, float]]:
    """{stage of training: (share of its time done before, share of its own)}"""
    shares = {stage: share for stage, share in SHARES[config.objective].items()
              if stage not in AFTER_TRAINING}
    before = np.cumsum([0, *shares.values()]) / sum(shares.values())
    return {stage: (start, end - start) for stage, start, end in zip(shares, before[:-1], before[1:], strict=True)}


def _overall(stages: dict[str, tuple[float, float]], stage: str, fraction: float) -> float:
    before, share = stages.get(stage, (0.0, 0.0))
    return before + share * fraction


def predict_section(model: Model, depth: float, genes: np.ndarray, seed: int = 0) -> Predicted:
    """Predicted section of a trained model: the virtual section at a depth, for some genes (by index)."""
    made = virtual_section(TrainedReconstruction(model, "validation"), depth, seed)
    xyz = np.asarray(made.obsm["spatial"])
    mean, X, sd = (np.asarray(part)[:, genes] for part in (made.layers["mean"], made.X, made.layers["sd"]))
    return Predicted(xyz[:, :2].copy(), mean, X, sd, xyz[:, 2], model.decoder.distribution(genes))


def _compare(judge: Judge, name: str, predicted: Predicted, simple: Baselines, steady: np.ndarray,
             tell: Callable[[float], None]) -> dict[str, Any]:
    measured, depth = judge.measured(name), judge.depth(name)
    halves = split_half(measured, judge.widths, judge.seed)
    ours = score(measured, predicted, judge.widths)
    ours.values["depth_error_um"] = depth_error(predicted, depth)
    ours.values.update(told_apart(measured, predicted, steady, judge.seed))
    halves.values.update(halves_told_apart(measured, steady, judge.seed))
    level = {"mean": measured.values.mean(0), "zeros": (measured.values <= 1e-9).mean(0)}
    genes = {OURS: ours.genes, HALVES: halves.genes, MEASURED: level}
    scored, curves = {(OURS, OURS): ours.values}, {OURS: coverage_curve(measured, predicted)}
    steps = 5 + 4 * len(simple.names)  # four ways to place cells and the PCs; each mean at three of them and at ours
    for n, (method, places, other) in enumerate(simple.predict(depth, more={OURS: predicted.xy})):
        tell(PREDICTING + (1 - PREDICTING) * min(1.0, n / steps))
        found = score(measured, other, judge.widths)
        if method == OWN:  # of what only places cells, the expression of a real section is told, the copy's
            told = TOLD if places == COPY else [BY_SPACING]
            found.values.update(told_apart(measured, other, steady, judge.seed, told))
        scored[method, places] = found.values
        if places == UNION and method in simple.names:
            genes[method] = found.genes
            if other.sd is not None:
                curves[method] = coverage_curve(measured, other)
    return {"scored": scored, "methods": tabulate(scored), "halves": halves.values, "genes": genes, "levels": LEVELS,
            "coverage": curves, "pair": (measured, predicted) if name == judge.shown else None}
