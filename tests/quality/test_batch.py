"""Batch correction: planted offsets go, a true gradient along depth stays, and nothing is changed without a batch."""

import json

import numpy as np
import pytest

from isost_core import keys
from isost_core.cli.main import main
from isost_core.datasets.phantoms import make_phantom
from isost_core.quality.batch import correct_batch, estimate_offsets
from isost_core.runs.store import load_run
from isost_core.sections.stack import Sections

SECTIONS, GENES, WITH_GRADIENT = 8, 24, 8


def dense(sections):
    X = sections.cells.X
    return np.asarray(X.toarray() if hasattr(X, "toarray") else X, dtype=np.float64)


def means(sections):
    X, code = dense(sections), sections.cells.obs[keys.SECTION].cat.codes.to_numpy()
    return np.array([X[code == k].mean(0) for k in range(len(sections.names))])


def changed(sections, added):
    """The sections with (sections, genes) added to values above zero."""
    cells, X = sections.cells.copy(), dense(sections)
    code = cells.obs[keys.SECTION].cat.codes.to_numpy()
    cells.X = np.where(X > 0, np.maximum(X + added[code], 0.05), 0).astype(np.float32)
    return Sections.from_log1p(cells)


def planted(kind, seed):
    """A phantom with a gradient along depth in a third of its genes; the same with offsets of each section."""
    rng = np.random.default_rng(seed)
    base = Sections.from_anndata(make_phantom(kind, SECTIONS, 40.0, 400, GENES, seed=seed)[0])
    gradient = np.zeros((SECTIONS, GENES))
    gradient[:, :WITH_GRADIENT] = np.linspace(-0.4, 0.4, SECTIONS)[:, None]
    offsets = rng.normal(0, 0.25, (SECTIONS, GENES))
    return changed(base, gradient), changed(base, gradient + offsets)


def centred(values):
    return values - values.mean(0)


@pytest.mark.parametrize("kind", ["layers", "tube"])
def test_offsets_go_and_the_gradient_stays(kind):
    truth, measured = planted(kind, 3)
    corrected, found = correct_batch(measured)
    want = centred(means(truth))
    before = np.sqrt(((centred(means(measured)) - want)**2).mean())
    after = np.sqrt(((centred(means(corrected)) - want)**2).mean())
    assert after < 0.5 * before
    line = np.linspace(-1, 1, SECTIONS)
    slopes = [np.polyfit(line, table[:, :WITH_GRADIENT].mean(1), 1)[0] for table in (means(corrected), want)]
    assert 0.88 < slopes[0] / slopes[1] < 1.12
    assert found.values.shape == (SECTIONS, GENES) and found.share > 0.1


@pytest.mark.parametrize("kind", ["layers", "ball", "tube", "embryo"])
def test_almost_nothing_is_changed_where_there_is_no_batch(kind):
    sections = Sections.from_anndata(make_phantom(kind, SECTIONS, 40.0, 400, GENES, seed=1)[0])
    corrected, found = correct_batch(sections)
    assert np.abs(found.values).mean() < 0.01  # of log1p; the planted offsets above are of 0.16
    assert np.abs(dense(corrected) - dense(sections)).mean() < 0.02
    assert found.share < 0.05


def test_zeros_stay_zeros_and_the_input_is_left_alone():
    _, measured = planted("layers", 5)
    kept = dense(measured).copy()
    corrected, _ = correct_batch(measured)
    assert np.array_equal(dense(corrected) > 0, kept > 0)
    assert np.array_equal(dense(measured), kept)
    assert "were removed" in corrected.notes[-1]


def test_sparse_sections_are_corrected_like_dense_ones():
    import scipy.sparse as sp

    _, measured = planted("layers", 7)
    cells = measured.cells.copy()
    cells.X = sp.csr_matrix(cells.X)
    sparse, _ = correct_batch(Sections.from_log1p(cells))
    assert sp.issparse(sparse.cells.X)
    np.testing.assert_allclose(dense(sparse), dense(correct_batch(measured)[0]), atol=2e-3)


def test_a_run_can_be_made_from_corrected_sections(tmp_path, capsys):
    stack, config = tmp_path / "stack.h5ad", tmp_path / "small.json"
    make_phantom("ball", 3, 60.0, n_cells=120, n_genes=6)[0].write_h5ad(stack)
    config.write_text(json.dumps({"train_steps": 4, "factors": 6, "width": 8, "step_um": 60.0, "masked_cells": 50}))
    assert main(["fit", str(stack), "--out", str(tmp_path / "run"), "--preset", "fast", "--config", str(config),
                 "--correct-batch"]) == 0
    assert "were removed" in capsys.readouterr().err
    assert "were removed" in load_run(tmp_path / "run").sections.notes[-1]


def test_two_sections_are_left_as_they_are():
    sections = Sections.from_anndata(make_phantom("ball", 2, 40.0, 200, 8)[0])
    corrected, found = correct_batch(sections)
    assert not found.values.any() and not estimate_offsets(sections).values.any()
    assert np.array_equal(dense(corrected), dense(sections))
    assert "was not corrected" in corrected.notes[-1]
