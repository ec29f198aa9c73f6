"""Where a gene's surface opens: at the usual percentile, unless it falls to crumbs there."""

from types import SimpleNamespace

import numpy as np

from isost_core.reconstruction.isosurfaces import MOST_CRUMBS, OPENING_PERCENTILE, _parts, opening_percentile

SHAPE = (60, 50, 12)
X, Y, Z = np.meshgrid(*[np.linspace(-1, 1, n) for n in SHAPE], indexing="ij")


def run_of(mean):
    fields = np.stack([np.ones(SHAPE), mean, np.ones(SHAPE)]).astype(np.float32)
    return SimpleNamespace(genes=["Gene"], gene_fields=lambda column: fields)


def crumbs(at, n=150):
    """Single points of a height, apart from each other."""
    made = np.zeros(SHAPE)
    places = [(x, y, z) for x in range(1, 60, 3) for y in range(1, 50, 3) for z in range(1, 12, 5)]
    for place in np.random.default_rng(0).permutation(places)[:n]:
        made[tuple(place)] = at
    return made


def test_a_surface_in_one_piece_opens_at_the_usual_level():
    assert opening_percentile(run_of(-np.sqrt(X**2 + Y**2 + Z**2)), "Gene") == OPENING_PERCENTILE


def test_crumbs_that_are_lower_than_the_whole_are_left_below_the_level():
    body = 2 - np.sqrt(X**2 + Y**2)
    mean = np.maximum(np.where(body > 1.3, body, 0.01 * body), crumbs(1.58))
    percentile = opening_percentile(run_of(mean), "Gene")
    assert _parts(mean >= np.percentile(mean, OPENING_PERCENTILE))[1] > MOST_CRUMBS
    assert percentile > OPENING_PERCENTILE
    parts, left = _parts(mean >= np.percentile(mean, percentile))
    assert parts == 1 and left <= MOST_CRUMBS


def test_a_gene_that_is_nothing_but_crumbs_still_opens():
    """Neither so high that next to nothing is left, nor so low that it hides the rest."""
    assert 75 <= opening_percentile(run_of(np.random.default_rng(1).random(SHAPE)), "Gene") <= 95
    assert opening_percentile(run_of(np.zeros(SHAPE)), "Gene") == OPENING_PERCENTILE
