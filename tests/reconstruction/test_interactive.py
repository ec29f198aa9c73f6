"""What the Explore pages wait for: one gene at a time, close to the field it stands for, nothing kept without end."""

import ast
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from isost_core.reconstruction import slices
from isost_core.reconstruction.evaluate import layers_around
from isost_core.reconstruction.interpolation import sample
from isost_core.reconstruction.virtual_cells import decoded, virtual_section
from isost_core.reconstruction.volume import make_volume
from isost_core.runs import store

ROOT = Path(__file__).resolve().parents[2]


def _voxels(volume, n=800):
    """Places (n, 3) µm and values of random voxels of the tissue."""
    at = np.argwhere(volume.mask)
    at = at[np.random.default_rng(0).choice(len(at), min(n, len(at)), replace=False)]
    return volume.origin_um + volume.spacing_um * at, volume.values[0][tuple(at.T)]


def test_a_volume_stays_close_to_kriging_at_its_voxels(ball):
    """Median and 95th percentile of the difference, in the gene's 1-99 % range; a lattice one point off fails."""
    run = ball[0]
    gene = run.clearest_gene
    xyz, values = _voxels(make_volume(run, [gene], run.lattice.spacing_um / 4))
    latent = run.model.expected(xyz)[0]
    direct = run.model.latent.expression(latent, [run.genes.index(gene)])[:, 0]
    apart = np.abs(values - direct) / np.ptp(np.percentile(direct, (1, 99)))
    assert np.median(apart) < 0.02 and np.percentile(apart, 95) < 0.06


def test_a_virtual_section_says_what_volumes_and_slices_say(ball):
    """The expected expression of its cells is the volume's at their places, but for half precision."""
    run = ball[0]
    made = virtual_section(run, 100.0)
    for column in range(len(run.genes)):
        mean = sample(run, run.genes[column], made.obsm["spatial"])[0]
        assert made.layers["mean"][:, column] == pytest.approx(mean, abs=float(1e-3 * np.ptp(mean) + 1e-4))


def test_what_lies_below_zero_is_cut_off_after_interpolation(ball):
    """With half of a gene's lattice below zero the volume still says what a virtual section says there."""
    run = store.load_run(ball[0].path)
    gene = run.clearest_gene
    xyz, values = _voxels(make_volume(run, [gene], run.lattice.spacing_um / 3))
    latent, column = run.decoder.latent, run.genes.index(gene)
    centre = latent.centre.copy()
    centre[column] -= np.median(values)
    lowered = store.load_run(ball[0].path)
    lowered.__dict__["decoder"] = replace(run.decoder, latent=replace(latent, centre=centre))
    values = _voxels(make_volume(lowered, [gene], run.lattice.spacing_um / 3))[1]
    assert 0.3 < (values == 0).mean() < 0.7
    assert values == pytest.approx(decoded(lowered.decoder, *lowered.lattice.latent_at(xyz))[0][:, column], abs=1e-5)


def test_two_layers_of_the_lattice_are_those_of_the_whole(ball):
    run = ball[0]
    part = layers_around(run.model, 100.0, run.config.seed)
    first = round((part.origin_um[2] - run.lattice.origin_um[2]) / part.layer_um)
    assert part.inside.shape[2] == 2 and part.step_um == pytest.approx(run.lattice.step_um)
    assert part.origin_um[2] <= 100 <= part.origin_um[2] + part.layer_um
    np.testing.assert_allclose(part.inside, run.lattice.inside[:, :, first : first + 2], atol=1e-3)
    x, y, z = np.nonzero(part.inside > 0)
    whole = run.lattice.latent[run.lattice.rows[x, y, first + z]]
    np.testing.assert_allclose(part.latent[part.rows[x, y, z]], whole, atol=2e-2)


def test_layers_fall_on_evenly_spaced_sections(ball):
    lattice = ball[0].lattice
    places = (ball[0].sections.depths - lattice.origin_um[2]) / lattice.layer_um
    assert places == pytest.approx(places.round(), abs=1e-6)


def test_a_finer_volume_a_slice_and_points_are_the_same_field(ball):
    run = ball[0]
    gene = run.clearest_gene
    xyz, values = _voxels(make_volume(run, [gene], run.lattice.spacing_um / 3))
    assert sample(run, gene, xyz)[0] == pytest.approx(values, abs=1e-5)
    middle = np.mean(run.extent_um, axis=0)
    cut = slices.oblique(run, gene, middle, 25, 50, 200.0, pixels=64)
    step = cut.spacing_um * np.arange(64)
    places = cut.origin + step[:, None, None] * cut.v + step[None, :, None] * cut.u
    mean, sd, known, inside = (part.reshape(64, 64) for part in sample(run, gene, places.reshape(-1, 3)))
    assert inside.tolist() == cut.mask.tolist() and inside.any()
    for layer, expected in ((cut.values, mean), (cut.sd, sd), (cut.known, known)):
        assert layer[inside] == pytest.approx(expected[inside], abs=1e-4)
        assert np.isnan(layer[~inside]).all()


def test_a_gene_is_decoded_alone_and_only_so_many_are_kept(ball, monkeypatch):
    monkeypatch.setattr("isost_core.reconstruction.reconstruction.FIELD_BYTES", 3 * ball[0].lattice.inside.size * 16)
    run = store.load_run(ball[0].path)
    decoded = []
    real = run.decoder.latent.raw_expression
    monkeypatch.setattr(type(run.decoder.latent), "raw_expression",
                        lambda self, values, genes: decoded.append((len(values), list(genes))) or real(values, genes))
    for gene in range(6):
        make_volume(run, [run.genes[gene]])
    assert {len(genes) for _, genes in decoded} == {1}
    assert sum(rows for rows, _ in decoded) == 6 * len(run.lattice.latent)
    kept = run.gene_fields.cache_info()
    assert kept.currsize == kept.maxsize == 3
    make_volume(run, [run.genes[5]])
    assert run.gene_fields.cache_info().hits == kept.hits + 1
    with pytest.raises(ValueError, match="read-only"):
        run.gene_fields(5)[0, 0, 0, 0] = 1


def test_every_cache_of_the_app_is_bounded():
    """A decorated function with arguments says how many results it keeps; one without keeps one."""
    found = 0
    for path in (ROOT / "ui").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            marks = [ast.unparse(d) for d in getattr(node, "decorator_list", [])]
            cached = [mark for mark in marks if "cache_resource" in mark or "cache_data" in mark]
            if cached and node.args.args:
                found += 1
                once = node.name == "warm_up"  # of the one demo
                assert once or re.search(r"max_entries=\d+", cached[0]), f"{path.name}: {node.name}"
    assert found > 5
