"""The phantom 'brain': an invented forebrain with nested parts, and its genes, named as a mouse's.

Everything is written in the phantom's own frame: x from -1 to 1 across both hemispheres, y from -1 (ventral) to 1
(dorsal), z from -1 (front) to 1 (back). Names say where real genes are best known from; numbers are invented.
"""

from __future__ import annotations

from typing import Any

import numpy as np

PARTS = ("cortex", "white matter", "striatum", "septum", "thalamus", "hippocampus", "dentate gyrus", "hypothalamus",
         "ventricle lining", "ventral forebrain")  # 'ventral forebrain' is what no other part takes
FRONT = 0.7  # size of the first section over the largest
CORTEX_IN, WHITE_IN = 0.63, 0.48  # inner faces of cortex and white matter, as shares of the hemisphere's ellipse
BASE_UP, BASE_SLOPE = -0.2, -0.45  # below this height at the midline, less to the sides, the mantle has no cortex
CALLOSUM_UP, CALLOSUM_HALF = 0.38, 0.055  # height of the white bridge between the hemispheres; half its own
CALLOSUM_REACH, CALLOSUM_END = 0.4, 0.45  # how far it goes to the sides, and to the back
EDGE = 0.05  # over which one part passes into the next
OUTSIDE = 2.0  # the cortical depth of places outside the cortex

# Ellipsoids, and ellipses that are the same at every z: their centre (x of either side) and half lengths
ELLIPSOIDS = {
    "hemisphere": ((0.44, 0.0), (0.56, 0.98)),
    "core": ((0.0, -0.22), (0.46, 0.74)),  # joins the hemispheres
    "striatum": ((0.46, -0.08, -0.4), (0.24, 0.42, 0.85)),
    "septum": ((0.0, 0.0, -0.35), (0.14, 0.34, 0.6)),
    "thalamus": ((0.15, -0.2, 0.75), (0.27, 0.3, 0.9)),
    "hypothalamus": ((0.0, -0.72, 0.35), (0.25, 0.24, 0.85)),
    "hippocampus": ((0.36, 0.18, 0.95), (0.27, 0.27, 1.0)),
    "dentate gyrus": ((0.33, 0.12, 1.0), (0.14, 0.1, 0.85)),
    "ventricle": ((0.19, 0.13, -0.3), (0.07, 0.2, 0.8)),
}
LINING = 1.5  # outer over inner size of the ventricle's lining
CURL = 0.5  # inner over outer size of the hippocampus' arc

# (gene, what it follows, form, largest mean count, floor, centre, width), the most telling first
MARKERS = (
    ("Gad1", "inhibitory", "linear", 14, 0.06, 0.0, 1.0),
    ("Mbp", "white matter", "linear", 22, 0.04, 0.0, 1.0),
    ("Slc17a7", "excitatory", "linear", 16, 0.03, 0.0, 1.0),
    ("Prox1", "dentate gyrus", "linear", 14, 0.04, 0.0, 1.0),
    ("Tcf7l2", "thalamus", "linear", 14, 0.03, 0.0, 1.0),
    ("Ppp1r1b", "striatum", "linear", 16, 0.03, 0.0, 1.0),
    ("Cux2", "cortical depth", "bump", 16, 0.02, 0.22, 0.17),
    ("Foxp2", "cortical depth", "bump", 14, 0.03, 0.88, 0.16),
    ("Wfs1", "hippocampus", "linear", 13, 0.04, 0.0, 1.0),
    ("Ttr", "ventricle lining", "linear", 24, 0.02, 0.0, 1.0),
    ("Hcrt", "hypothalamus", "linear", 12, 0.02, 0.0, 1.0),
    ("Rorb", "cortical depth", "bump", 12, 0.03, 0.48, 0.15),
    ("Slc17a6", "relay", "linear", 14, 0.03, 0.0, 1.0),
    ("Trpc4", "septum", "linear", 10, 0.05, 0.0, 1.0),
    ("Fezf2", "cortical depth", "bump", 10, 0.03, 0.7, 0.15),
    ("Reln", "cortical depth", "bump", 12, 0.05, 0.0, 0.1),
    ("Drd1", "striatum", "linear", 11, 0.03, 0.0, 1.0),
    ("Drd2", "striatum", "linear", 9, 0.04, 0.0, 1.0),
    ("Mog", "white matter", "linear", 12, 0.05, 0.0, 1.0),
    ("Plp1", "white matter", "linear", 26, 0.08, 0.0, 1.0),
    ("Foxj1", "ventricle lining", "linear", 9, 0.03, 0.0, 1.0),
    ("Satb2", "cortex", "linear", 13, 0.03, 0.0, 1.0),
    ("Lamp5", "cortical depth", "bump", 8, 0.06, 0.3, 0.2),
    ("Bcl11b", "cortical depth", "bump", 9, 0.12, 0.72, 0.2),
    ("Tle4", "cortical depth", "bump", 9, 0.05, 0.85, 0.18),
    ("Neurod6", "excitatory", "linear", 9, 0.04, 0.0, 1.0),
    ("Spink8", "hippocampus", "linear", 8, 0.02, 0.0, 1.0),
    ("C1ql2", "dentate gyrus", "linear", 9, 0.03, 0.0, 1.0),
    ("Prkcd", "thalamus", "linear", 11, 0.03, 0.0, 1.0),
    ("Avp", "hypothalamus", "linear", 8, 0.02, 0.0, 1.0),
    ("Slc32a1", "inhibitory", "linear", 10, 0.06, 0.0, 1.0),
    ("Gfap", "white matter", "linear", 6, 0.2, 0.0, 1.0),
    ("Nr2f2", "ventral forebrain", "linear", 8, 0.08, 0.0, 1.0),
    ("Zic1", "septum", "linear", 8, 0.06, 0.0, 1.0),
    ("Nr2f1", "depth", "linear", 8, 0.1, 0.0, 1.0),
    ("Sp8", "depth", "linear", 7, 0.1, 1.0, -1.0),
    ("Aqp4", "flat", "flat", 3, 0.1, 0.0, 1.0),
    ("Cldn5", "flat", "flat", 3, 0.1, 0.0, 1.0),
    ("Cx3cr1", "flat", "flat", 2, 0.1, 0.0, 1.0),
    ("Actb", "flat", "flat", 12, 0.1, 0.0, 1.0),
)
TOGETHER = {"excitatory": ("cortex", "hippocampus", "dentate gyrus"), "relay": ("thalamus", "hypothalamus"),
            "inhibitory": ("striatum", "septum", "hypothalamus")}  # what genes of several parts follow


def inside(u: np.ndarray) -> np.ndarray:
    """(n,) whether each place is tissue: two hemispheres and what joins them, without the lateral ventricles."""
    place = _scaled(u)
    outline = (_reach(place, "hemisphere") <= 1) | (_reach(place, "core") <= 1)
    return outline & (np.abs(u[:, 2]) <= 1) & (_reach(place, "ventricle") >= 1)


def coordinates(u: np.ndarray) -> dict[str, Any]:
    """{name: (n,)} what genes follow: the share of each part at a place, 0 to 1, those of parts that share a gene, and
    'cortical depth', 0 at the surface to 1 at the white matter (2 outside the cortex)."""
    shares, rho, mantle = _shares(u)
    found = dict(zip(PARTS, shares.T, strict=True))
    found |= {name: sum(found[part] for part in parts) for name, parts in TOGETHER.items()}
    depth = np.clip((1 - rho) / (1 - CORTEX_IN), 0, 1)
    found["cortical depth"] = np.where(mantle > 0.5, depth, OUTSIDE)
    return found


def parts_at(u: np.ndarray) -> np.ndarray:
    """(n,) name of the part with the largest share at each place."""
    return np.array(PARTS)[_shares(u)[0].argmax(axis=1)]


def make_markers(n_genes: int, *, sparse: bool) -> list[dict[str, Any]]:
    """One dict per gene, as `phantom_genes.make_genes` gives; beyond the markers flat genes, numbered."""
    names = ("name", "type", "form", "rate", "floor", "centre", "width")
    genes: list[dict[str, Any]] = [dict(zip(names, row, strict=True)) for row in MARKERS[:n_genes]]
    for number in range(1, n_genes - len(genes) + 1):
        genes.append(dict(zip(names, (f"Flat{number:0{len(str(n_genes))}d}", "flat", "flat", 2, 0.1, 0.0, 1.0),
                              strict=True)))
    return [gene | {"rate": gene["rate"] / (20.0 if sparse else 1.0)} for gene in genes]


def _shares(u):
    """(n, parts) shares that sum to 1, the place in the hemisphere's ellipse (1 at the surface), the cortex' share."""
    place = _scaled(u)
    within = {name: _soft(1 - _reach(place, name)) for name in ELLIPSOIDS}
    rho, cortex, white = _mantle(place)
    claims = {  # the first to claim a place takes its share of what is left
        "ventricle lining": _soft(LINING - _reach(place, "ventricle")),
        "cortex": cortex,
        "white matter": white,
        "dentate gyrus": within["dentate gyrus"],
        "hippocampus": within["hippocampus"] * _soft(_reach(place, "hippocampus") - CURL),
        "striatum": within["striatum"], "septum": within["septum"], "thalamus": within["thalamus"],
        "hypothalamus": within["hypothalamus"],
    }
    left, shares = np.ones(len(u)), {}
    for name, claim in claims.items():
        shares[name] = left * claim
        left = left - shares[name]
    shares["ventral forebrain"] = left
    return np.column_stack([shares[name] for name in PARTS]), rho, shares["cortex"]


def _mantle(place):
    """Place in the hemisphere's ellipse, and what cortex and white matter claim: shells of it, and the callosum."""
    across, up, along = place
    rho = np.minimum(_reach(place, "hemisphere"), 1.0)
    medial = np.minimum(_soft(2 * (up - CALLOSUM_UP)) + _soft(2.5 * (across - 0.3)), 1.0)  # none deep at the midline
    wall = _soft(1.7 * (up - BASE_UP - BASE_SLOPE * across)) * medial
    callosum = (_soft(1.5 * (CALLOSUM_HALF - np.abs(up - CALLOSUM_UP))) * _soft(2 * (CALLOSUM_REACH - across))
                * _soft(0.5 * (CALLOSUM_END - along)))
    cortex = wall * _soft(1.5 * (rho - CORTEX_IN)) * (1 - callosum)
    white = wall * _soft(2 * (rho - WHITE_IN)) * _soft(2 * (CORTEX_IN + 0.04 - rho))
    return rho, cortex, np.maximum(white, callosum)


def _scaled(u):
    """(across, up, along): distance from the midline, height, place along z; sections brought to the largest's size."""
    size = FRONT + (1 - FRONT) * np.sin(np.pi / 2 * np.clip((u[:, 2] + 1) / 1.6, 0, 1))
    return np.abs(u[:, 0]) / size, u[:, 1] / size, u[:, 2]


def _reach(place, name):
    """Distance (n,) from the centre of an ellipsoid, in its half lengths."""
    centre, half = ELLIPSOIDS[name]
    return np.sqrt(sum(((v - c) / h) ** 2 for v, c, h in zip(place, centre, half, strict=False)))


def _soft(beyond):
    """0 well below an edge, 1 well above it."""
    return 1 / (1 + np.exp(-np.clip(beyond / EDGE, -40, 40)))
