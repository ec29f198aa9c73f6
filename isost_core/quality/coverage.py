"""What a section lacks of the tissue that its neighbours have at the same places: half of it, a corner, a hole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from isost_core import keys
from isost_core.quality.findings import Finding
from isost_core.sections.spacing import neighbour_distances
from isost_core.sections.stack import Sections
from isost_core.words import both, percent

BIN = 2.0  # median distances to the third neighbour: width of a bin of tissue
ISOLATED = 5.0  # median distances to the third neighbour: farther from it, a cell lies outside the tissue
MOST_BINS = 2000  # along a side
OTHER_SCALE = 2.0  # times as far apart as in the other sections: cells that say nothing about the same places
SAME_FRAME = 0.6  # of the smaller neighbour's tissue that both must have, to expect it in the section between

LACKS, LACKS_AT_END, HOLE = 0.14, 0.2, 0.05  # share of the neighbours' tissue
SEVERE = 0.35
SHIFTED = 0.3  # of what is missing lies outside the neighbours' tissue: the section is shifted, not cut
ONE_SIDED = 0.2  # at an end, where tissue may taper: what is left lies to one side
PARTS = ((0.29, "a quarter of"), (0.385, "a third of"), (0.58, "half of"), (0.705, "two thirds of"),
         (0.8, "three quarters of"))


def coverage_rows(sections: Sections) -> list[dict[str, Any]]:
    """One dict per section, of the tissue that both neighbours have (at an end: that the only one has).

    missing : share of it in the largest part that the section lacks; NaN where the neighbours do not lie over each
    other, or are measured at another scale
    hole : whether the section's own tissue surrounds that part
    outside : share of the section's tissue that lies outside the neighbours'
    one_sided : how far the tissue that it has of it lies from the middle of all of it, over its radius
    end : whether the section has one neighbour only
    """
    masks = _masks(sections)
    return [_row(masks, k) for k in range(len(masks))]


def _masks(sections: Sections) -> list[np.ndarray | None]:
    """Tissue of each section on one grid; None for a section at another scale."""
    from scipy.ndimage import binary_closing

    places = [np.asarray(sections.cells.obsm[keys.SPATIAL])[sections.rows(name)] for name in sections.names]
    third = [neighbour_distances(xy, 3)[:, -1] for xy in places]
    apart = np.array([np.median(d) for d in third])
    usual = float(np.median(apart))
    if usual <= 0:
        return [None] * len(places)
    kept = [xy[d <= ISOLATED * m] for xy, d, m in zip(places, third, apart, strict=True)]
    same = (apart <= OTHER_SCALE * usual) & (apart >= usual / OTHER_SCALE)
    low = np.min([xy.min(0) for xy, ok in zip(kept, same, strict=True) if ok], 0)
    high = np.max([xy.max(0) for xy, ok in zip(kept, same, strict=True) if ok], 0)
    width = max(BIN * usual, float((high - low).max()) / MOST_BINS)
    shape = np.floor((high - low) / width).astype(int) + 7
    masks: list[np.ndarray | None] = []
    for xy, ok in zip(kept, same, strict=True):
        if not ok:
            masks.append(None)
            continue
        mask = np.zeros(shape, dtype=bool)
        mask[tuple((np.floor((xy - low) / width).astype(int) + 3).T)] = True
        masks.append(binary_closing(mask, np.ones((3, 3))))
    return masks


def _row(masks: Sequence[np.ndarray | None], k: int) -> dict[str, Any]:
    from scipy.ndimage import binary_dilation, binary_fill_holes

    unknown = {"missing": np.nan, "hole": False, "outside": np.nan, "one_sided": 0.0, "end": k in (0, len(masks) - 1)}
    beside = [masks[n] for n in (k - 1, k + 1) if 0 <= n < len(masks)]
    mine: Any = masks[k]
    known = [mask for mask in beside if mask is not None]
    if mine is None or len(known) < len(beside):
        return unknown
    expected: Any = np.logical_and.reduce(known)
    if expected.sum() < SAME_FRAME * min(mask.sum() for mask in known):
        return unknown
    thick: Any = binary_dilation(mine, np.ones((3, 3)))
    lacking = _largest(expected & ~mine, expected & ~thick)
    around: Any = binary_dilation(np.logical_or.reduce(known), np.ones((3, 3)))
    have = np.argwhere(expected & mine)
    all_of_it = np.argwhere(expected)
    middle, radius = all_of_it.mean(0), np.sqrt(((all_of_it - all_of_it.mean(0))**2).sum(1).mean())
    aside = np.linalg.norm(have.mean(0) - middle) / max(radius, 1e-9) if len(have) else 0.0
    filled: Any = binary_fill_holes(mine)
    return unknown | {"missing": float(lacking.sum() / expected.sum()),
                      "hole": bool((filled & lacking).sum() > 0.9 * lacking.sum()),
                      "outside": float((mine & ~around).sum() / max(mine.sum(), 1)), "one_sided": float(aside)}


def _largest(mask: np.ndarray, core: np.ndarray) -> np.ndarray:
    """The largest connected part of the core, with what touches it of the mask."""
    from scipy.ndimage import binary_dilation, label

    labels: Any = label(core)[0]  # pyright: ignore[reportIndexIssue]
    sizes = np.bincount(labels.ravel())
    sizes[0] = 0
    if len(sizes) < 2:
        return np.zeros_like(mask)
    return binary_dilation(labels == int(np.argmax(sizes)), np.ones((3, 3))) & mask


def coverage_findings(names: Sequence[str], rows: Sequence[dict[str, Any]]) -> list[Finding]:
    """Sections that lack a part that their neighbours have."""
    found = []
    for k, (name, row) in enumerate(zip(names, rows, strict=True)):
        missing, beside = row["missing"], [names[n] for n in (k - 1, k + 1) if 0 <= n < len(names)]
        if not missing > HOLE or row["outside"] > SHIFTED * missing:
            continue
        have = f"{both(beside)} {'both have' if len(beside) > 1 else 'has'}"
        if row["hole"] and not row["end"]:
            found.append(Finding(
                "coverage", "warning", name, f"{name} has a hole where its neighbours have tissue",
                f"The hole is {percent(missing)} of the tissue that {have}.",
                "Check whether the section is torn, or cells were filtered out there. If so, the prediction shows a "
                "hole, too.", missing, (name,)))
        elif missing >= (LACKS_AT_END if row["end"] else LACKS) and (not row["end"] or row["one_sided"] >= ONE_SIDED):
            found.append(Finding(
                "coverage", "severe" if missing >= SEVERE else "warning", name,
                f"{name} covers {_part(1 - missing)} what its neighbour{'s cover' if len(beside) > 1 else ' covers'}",
                f"It lacks {percent(missing)} of the tissue that {have}, in one piece."
                + (" At this end of the stack, the tissue itself may end there." if row["end"] else ""),
                "Check whether part of the section was lost, cropped or not uploaded. If so, leave the section out, or "
                "trust nothing where it is missing.", missing, (name,)))
    return found


def _part(share: float) -> str:
    """'half of', 'three quarters of', '86 % of'."""
    return next((words for most, words in PARTS if share < most), f"{percent(share)} of") if share >= 0.2 else (
        f"only {percent(share)} of")
