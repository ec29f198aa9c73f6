"""What the core says about a small tissue, for the tests of the explorer's JavaScript.

    python -m tests.ui.explorer.browser_values     writes ui/explorer/browser/tests/expected.json

The JavaScript repeats some of the core's arithmetic (planes, quantiles, values between lattice points, round lengths),
since it runs while the visitor drags. Its tests compare it with this file; tests/ui/explorer/test_browser.py compares
this file with the core.
"""

import base64
import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from scipy.sparse import csr_matrix

from isost_core import keys
from isost_core.export import textures
from isost_core.figures import lit_scene
from isost_core.figures.colours import map_table
from isost_core.figures.style import nice_length
from isost_core.reconstruction.interpolation import sample
from isost_core.reconstruction.lattice import Lattice
from isost_core.reconstruction.slices import oblique, plane_axes
from ui.explorer import schema

FILE = Path(__file__).resolve().parents[3] / "ui/explorer/browser/tests/expected.json"
PLANES = ((0, 0, 0), (77, 0, 0), (30, 60, 0), (210, 90, 40), (301, 143, 250), (90, 20, 0))  # azimuth, tilt, turn
PERCENTS = (0, 1, 12.5, 50, 84, 97.3, 100)
WIDTHS_UM = (37, 80, 640, 1900, 2000, 5210, 40_000)  # of pictures


def small_run():
    """An ellipsoid of 18 x 15 x 10 lattice points, wider than deep, in which one gene rises along x and y."""
    step, shape = np.array([20.0, 20.0, 35.0]), (18, 15, 10)
    origin = np.array([-100.0, 40.0, 5.0])
    x, y, z = np.meshgrid(*[np.linspace(-1, 1, n) for n in shape], indexing="ij")
    inside = ((0.9 - np.sqrt(x**2 + y**2 + z**2)) * 120).astype(np.float32)
    mean = (1.5 + x + 0.4 * y**2).astype(np.float32)
    sd, known = (0.2 + 0.1 * z**2).astype(np.float32), np.clip(0.9 - 0.5 * z**2, 0, 1).astype(np.float32)
    lattice = Lattice(20.0, 35.0, origin, inside, np.zeros(shape, np.int32), np.zeros((1, 1), np.float16),
                      np.zeros((1, 1), np.float16))
    rng = np.random.default_rng(0)
    places = origin + step * (np.array(shape) - 1) * rng.uniform(0.3, 0.7, (12, 3))
    section = SimpleNamespace(cat=SimpleNamespace(codes=SimpleNamespace(to_numpy=lambda: np.arange(12) % 3)))
    cells = SimpleNamespace(X=csr_matrix(rng.uniform(0, 3, (12, 1)).astype(np.float32)), obs={keys.SECTION: section})
    return SimpleNamespace(genes=["Gene"], lattice=lattice, extent_um=lattice.extent_um, measured_xyz=places,
                           gene_fields=lambda column: np.stack([inside, mean, sd, known]),
                           sections=SimpleNamespace(cells=cells, X=cells.X))


def expected():
    """All of it as JSON."""
    run = small_run()
    gene = textures.gene_texture(run, "Gene", "gene")
    low, high = (np.array(corner) for corner in run.extent_um)
    points = low + (high - low) * np.random.default_rng(1).uniform(0, 1, (40, 3))
    mean, _, known, inside = sample(run, "Gene", points)
    predicted = run.gene_fields(0)[1][run.lattice.inside > 0]
    same = {"face": "top", "front": "front", "side": "side"}  # names of the cameras, here and in the core
    eyes = {name: lit_scene.camera(theirs)[0] for name, theirs in same.items()}
    return {
        "schema": schema.for_browser(), "opening": schema.opening(), "extent_um": [low.tolist(), high.tolist()],
        "grid": textures.grid_of(run.lattice), "gene_pack": _text(gene),
        "tissue_pack": _text(textures.tissue_texture(run, "tissue")), "measured_xyz": run.measured_xyz.tolist(),
        "viridis": _text(map_table().tobytes()), "viridis_ends": map_table()[[0, -1]].tolist(),
        "planes": [{"azimuth": azimuth, "tilt": tilt, "spin": turn,
                    **dict(zip(("u", "v", "normal"), map(np.ndarray.tolist, axes), strict=True))}
                   for azimuth, tilt, turn in PLANES for axes in [plane_axes(azimuth, tilt, turn)]],
        "eyes": {name: (towards / np.linalg.norm(towards)).tolist() for name, towards in eyes.items()},
        "points": [{"at": at, "mean": float(m), "known": float(k), "inside": bool(i)}
                   for at, m, k, i in zip(points.tolist(), mean, known, inside, strict=True)],
        "quantiles": [{"percent": p, "value": float(np.percentile(predicted, p))} for p in PERCENTS],
        "scale_bars": [{"width_um": width, "length_um": nice_length(width)} for width in WIDTHS_UM],
        "cuts": [cut(run, *angles) for angles in PLANES]}


def cut(run, azimuth, tilt, turn):
    """Where a plane through the middle cuts the tissue: the least and most along u and v, µm from the middle."""
    centre = np.mean(run.extent_um, axis=0)
    made = oblique(run, "Gene", centre, azimuth, tilt, 600.0, pixels=400, turn=turn)
    rows, columns = np.nonzero(made.mask)
    start = [float((made.origin - centre) @ axis) for axis in (made.u, made.v)]
    u, v = [[at + made.spacing_um * float(end) for end in (found.min(), found.max())]
            for at, found in zip(start, (columns, rows), strict=True)]
    return {"azimuth": azimuth, "tilt": tilt, "spin": turn, "u_um": u, "v_um": v}


def _text(data):
    return base64.b64encode(data).decode()


if __name__ == "__main__":
    lines = [f"{json.dumps(name)}: {json.dumps(value)}" for name, value in expected().items()]
    FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
