"""A run's field as bytes for a graphics processor: 8 bits a lattice point, trilinear in between as everywhere."""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING, Any

import numpy as np

from isost_core import keys
from isost_core.genes import find_genes
from isost_core.reconstruction.lattice import Lattice, expressed
from isost_core.sections.agreement import values_of

if TYPE_CHECKING:
    from isost_core.analysis.niches import Niches
    from isost_core.runs.run import Run

MOST_CELLS = 60_000  # measured cells shown as points
REACH = 2.0  # lattice spacings over which the distance to the border of the tissue is kept
QUANTILES = 201


def texture(head: dict[str, Any], **parts: np.ndarray) -> bytes:
    """Bytes: length of the head (uint32, little-endian), head as JSON with parts {name: [first byte, number, type]},
    padded to whole numbers of 4, then the parts, each padded likewise. float32 arrays stay, others become uint8."""
    places, body, at = {}, [], 0
    for name, array in parts.items():
        kind = "f4" if array.dtype == np.float32 else "u1"
        raw = np.ascontiguousarray(array, "<f4" if kind == "f4" else np.uint8).tobytes()
        places[name] = [at, array.size, kind]
        body += [raw, b"\0" * (-len(raw) % 4)]
        at += len(raw) + -len(raw) % 4
    text = json.dumps({**head, "parts": places}).encode()
    text += b" " * (-len(text) % 4)
    return struct.pack("<I", len(text)) + text + b"".join(body)


def grid_of(lattice: Lattice) -> dict[str, list[float]]:
    """The lattice as the browser takes it: origin and step (x, y, z) µm, numbers of points."""
    return {"origin": lattice.origin_um.tolist(), "step": lattice.step_um.tolist(), "dims": list(lattice.inside.shape)}


def shown_cells(run: Run) -> np.ndarray:
    """Rows of the measured cells shown as points: all, or an even random part of many."""
    n = len(run.measured_xyz)
    return np.arange(n) if n <= MOST_CELLS else np.sort(np.random.default_rng(0).choice(n, MOST_CELLS, replace=False))


def tissue_texture(run: Run, key: str) -> bytes:
    """The tissue and the measured cells: `tissue` 128 and above inside, x fastest; `xyz` (n, 3) µm; `section` (n,)."""
    lattice, rows = run.lattice, shown_cells(run)
    wide = 2 * REACH * float(lattice.step_um.min())
    section = run.sections.cells.obs[keys.SECTION].cat.codes.to_numpy().astype(int)[rows]
    return texture({"key": key}, tissue=_bytes(lattice.inside.T, -wide / 2, wide / 2),
                xyz=run.measured_xyz[rows].astype(np.float32), section=np.minimum(section, 255))


def safe_um(lattice: Lattice) -> float:
    """Distance (µm) that a ray may leap where `tissue` is 0: so far the border is away at least."""
    return REACH * float(lattice.step_um.min()) * 0.9


def gene_texture(run: Run, gene: str, key: str) -> bytes:
    """One gene: predicted `values`, `sd` and, where there is one, `known` share on the lattice, x fastest, and the
    `measured` values of the cells of `tissue_texture`; how to read them (low, high, sd, measured) and the quantiles of
    the predicted tissue, log1p."""
    column = find_genes([gene], run.genes)[0]
    inside, mean, sd, *known = [np.asarray(field).T for field in run.gene_fields(column)]
    tissue = inside > 0
    held = mean[tissue]
    low, high = min(0.0, float(held.min())), float(held.max()) or 1.0
    top = float(sd[tissue].max()) or 1.0
    measured = values_of(run.sections, shown_cells(run), [column])[:, 0]
    most = float(measured.max()) or 1.0
    values = expressed(held.copy())
    head = {"key": key, "low": low, "high": high, "sd": top, "measured": [0.0, most],
            "quantiles": np.quantile(values, np.linspace(0, 1, QUANTILES)).tolist()}
    parts = {"values": _bytes(mean, low, high), "sd": _bytes(sd, 0, top), "measured": _bytes(measured, 0, most)}
    return texture(head, **parts, **({"known": _bytes(known[0], 0, 1)} if known else {}))


def niche_texture(run: Run, niches: Niches, niche: int, key: str) -> bytes:
    """One niche as a gene: `values` share of the nearest virtual cells in it, 0 to 1; `measured` cells 0 or 1."""
    share = niches.membership[niche].astype(np.float32)
    values = share[run.lattice.inside > 0]
    head = {"key": key, "low": 0.0, "high": 1.0, "sd": 1.0, "measured": [0.0, 1.0],
            "quantiles": np.quantile(values, np.linspace(0, 1, QUANTILES)).tolist()}
    measured = (niches.measured == niche)[shown_cells(run)].astype(np.float32)
    known = np.full(share.size, 255, np.uint8)  # a niche has no known share: never marked as uncertain
    return texture(head, values=_bytes(share.T, 0, 1), measured=_bytes(measured, 0, 1), known=known)


def _bytes(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """0 to 255 over a range, rounded."""
    return np.rint(np.clip((values - low) * (255 / (high - low)), 0, 255)).astype(np.uint8)
