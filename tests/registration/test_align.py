"""Registration: what was turned, shifted, mirrored, cut or bent is undone; what is not certain is said to be so."""

import dataclasses
import json

import anndata as ad
import numpy as np
import pandas as pd
import pytest

from isost_core import keys
from isost_core.cli.main import main
from isost_core.errors import InputError
from isost_core.readers import ReadOptions, read_sections
from isost_core.registration.alignment import Alignment, Warp
from isost_core.registration.features import section_cells
from isost_core.registration.pairwise import residual_um
from isost_core.registration.stackwise import align, aligned_positions, apply_alignment
from isost_core.sections.agreement import stack_agreement
from isost_core.sections.stack import Sections

SPACING = 25.0  # um between the cells of the tissue below
NAMES = ("S1", "S2", "S3")


def tissue(seed=0, names=NAMES, genes=24, bend_um=0.0):
    """Sections of a tissue without any symmetry: an ellipse with a notch, each gene high at three places."""
    rng, parts = np.random.default_rng(seed), []
    places, widths = rng.uniform(-1, 1, (3, genes, 2)) * [420, 280], rng.uniform(60, 160, (3, genes))
    for k, name in enumerate(names):
        side = np.arange(-460, 460, SPACING)
        xy = np.stack(np.meshgrid(side, side, indexing="ij"), -1).reshape(-1, 2) + rng.uniform(-0.5, 0.5, 2) * SPACING
        xy += rng.uniform(-6, 6, xy.shape)
        inside = ((xy / [430, 290]) ** 2).sum(1) < 1
        xy = xy[inside & ~((xy[:, 0] > 100) & (xy[:, 1] > 120))]
        apart = np.linalg.norm(xy[:, None, None] - places, axis=3)
        counts = rng.poisson(8 * np.exp(-0.5 * (apart / widths) ** 2).sum(1))
        bent = xy + bend_um * k * np.stack([np.zeros(len(xy)), np.sin(xy[:, 0] / 150)], 1)
        obs = pd.DataFrame({keys.SECTION: name, keys.Z_UM: 10.0 * k}, index=[f"{name}_{i}" for i in range(len(xy))])
        parts.append(ad.AnnData(counts.astype(np.float32), obs=obs, obsm={keys.SPATIAL: bent}))
    return Sections.from_anndata(ad.concat(parts))


def motion(angle_deg, shift=(0.0, 0.0), mirror=False):
    """(3, 3) matrix: mirrored, turned, shifted."""
    angle, matrix = np.radians(angle_deg), np.eye(3)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix[:2, :2], matrix[:2, 2] = turn @ np.diag([-1.0 if mirror else 1.0, 1.0]), shift
    return matrix


MOTIONS = {"S1": motion(140, (900, -300)), "S2": motion(0), "S3": motion(-75, (0, 4000), mirror=True)}


def displaced(sections, motions):
    """The sections with each moved by its matrix."""
    cells = sections.cells.copy()
    for name, matrix in motions.items():
        rows = sections.rows(name)
        cells.obsm[keys.SPATIAL][rows] = cells.obsm[keys.SPATIAL][rows] @ matrix[:2, :2].T + matrix[:2, 2]
    return Sections.from_log1p(cells)


def kept_part(sections, name, keep):
    """The sections with only those cells of one whose positions `keep` is true of."""
    rows = sections.rows(name)
    gone = rows[~keep(sections.cells.obsm[keys.SPATIAL][rows])]
    return Sections.from_log1p(sections.cells[np.setdiff1d(np.arange(sections.n_cells), gone)].copy())


def errors_um(true, alignment, stack):
    """Median distance (um) of each section's cells, once registered, from where they belong relative to the middle
    section."""
    made, held = aligned_positions(stack, alignment), true.cells.obsm[keys.SPATIAL]
    fixed = stack.rows(stack.names[len(stack.names) // 2])
    a, b = held[fixed], made[fixed]
    back = np.linalg.lstsq(np.column_stack([b, np.ones(len(b))]), a, rcond=None)[0]
    off = np.linalg.norm(np.column_stack([made, np.ones(len(made))]) @ back - held, axis=1)
    return {name: float(np.median(off[stack.rows(name)])) for name in stack.names}


@pytest.fixture(scope="module")
def sound():
    return tissue()


@pytest.fixture(scope="module")
def stack(sound):
    return displaced(sound, MOTIONS)


@pytest.fixture(scope="module")
def alignment(stack):
    return align(stack)


def test_turned_shifted_and_mirrored_sections_come_back_within_a_cell_spacing(sound, stack, alignment):
    assert max(errors_um(sound, alignment, stack).values()) < 0.5 * SPACING
    assert [p.mirrored for p in alignment.pairs] == [False, True]
    assert all(p.confidence == "high" and not p.why for p in alignment.pairs)
    assert all(p.agreement > 0.7 > p.null for p in alignment.pairs)
    assert all(p.residual_um <= SPACING for p in alignment.pairs)


def test_the_agreement_told_is_that_of_the_moved_sections(stack, alignment):
    told = [p.agreement for p in alignment.pairs]
    assert np.allclose(told, [p.r for p in stack_agreement(apply_alignment(stack, alignment))])
    assert np.mean(told) > np.mean([p.r for p in stack_agreement(stack)]) + 0.5


def test_the_middle_section_keeps_its_frame(alignment):
    assert np.allclose(alignment.matrices[1], np.eye(3))


def test_every_motion_is_rigid_unless_scale_is_asked_for(alignment):
    for matrix in alignment.matrices:
        assert np.allclose(matrix[:2, :2] @ matrix[:2, :2].T, np.eye(2), atol=1e-9)


def test_the_frame_that_sections_came_in_does_not_matter(sound, stack, alignment):
    unmoved = align(sound)
    for k in range(len(NAMES) - 1):
        a = np.linalg.inv(unmoved.matrices[k]) @ unmoved.matrices[k + 1]
        m, n = alignment.matrices[k] @ MOTIONS[NAMES[k]], alignment.matrices[k + 1] @ MOTIONS[NAMES[k + 1]]
        off = np.linalg.inv(a) @ np.linalg.inv(m) @ n
        assert abs(np.degrees(np.arctan2(off[1, 0], off[0, 0]))) < 0.5
        assert np.linalg.norm(off[:2, 2]) < 5.0


def test_without_mirror_no_section_is_mirrored(sound):
    turned = {name: motion(angle, (300, 0)) for name, angle in zip(NAMES, (10, 250, 100), strict=True)}
    made = align(displaced(sound, turned), mirror=False)
    assert (np.linalg.det(made.matrices[:, :2, :2]) > 0).all()
    assert max(errors_um(sound, made, displaced(sound, turned)).values()) < 0.5 * SPACING


@pytest.mark.parametrize("name,side", [("S1", 0), ("S2", 1)])
def test_half_a_section_is_put_where_it_belongs(sound, name, side):
    true = kept_part(sound, name, lambda xy: xy[:, side] < xy[:, side].mean())
    part = displaced(true, MOTIONS)
    found = errors_um(true, align(part), part)
    assert max(found.values()) < SPACING, found


def test_a_held_out_section_moves_no_other_whatever_it_holds_and_is_placed_last(sound, stack):
    cells, rows = stack.cells.copy(), stack.rows("S1")
    cells.X[rows] = cells.X[np.random.default_rng(0).permutation(rows)] * 3
    without = align(stack.without(["S1"]))
    made = align(stack, hold_out=("S1",))
    for held in (made, align(Sections.from_log1p(cells), hold_out=("S1",))):
        assert np.array_equal(held.matrices[1:], without.matrices)
        assert held.placed_last == ("S1",)
    assert max(errors_um(sound, made, stack).values()) < SPACING


def test_a_name_that_is_not_there_and_a_stack_all_held_out_are_refused(stack):
    with pytest.raises(InputError, match="S9"):
        align(stack, hold_out=("S9",))
    with pytest.raises(InputError, match="held out"):
        align(stack, hold_out=NAMES)


def test_scale_is_undone_where_it_is_asked_for(sound):
    wide = displaced(sound, {"S1": motion(20) @ np.diag([1.06, 1.06, 1.0])})
    rigid, scaled = align(wide), align(wide, scale=True)
    assert np.isclose(np.linalg.det(scaled.matrices[0, :2, :2]), 1 / 1.06**2, rtol=0.02)
    assert errors_um(sound, scaled, wide)["S1"] < 0.5 * SPACING < errors_um(sound, rigid, wide)["S1"]


def test_bent_sections_agree_better_when_bending_is_allowed(sound):
    bent = tissue(bend_um=100.0)
    rigid, smooth = align(bent), align(bent, smooth=True)
    assert smooth.warps and not rigid.warps
    assert np.mean([p.agreement for p in smooth.pairs]) > np.mean([p.agreement for p in rigid.pairs])
    assert not align(sound, smooth=True).warps


def test_sections_of_noise_are_of_low_confidence(stack):
    cells, rng = stack.cells.copy(), np.random.default_rng(0)
    for name in stack.names:
        cells.X[stack.rows(name)] = cells.X[rng.permutation(stack.rows(name))]
    made = align(Sections.from_log1p(cells))
    assert all(p.confidence == "low" and p.why for p in made.pairs)


@pytest.mark.parametrize("off", [0.0, 1.0, 2.0, 3.0])
def test_the_distance_that_two_sections_are_still_apart_is_told(sound, off):
    cells = section_cells(sound, range(3)).cells
    xy = [sound.cells.obsm[keys.SPATIAL][sound.rows(name)] for name in NAMES]
    first, second = (dataclasses.replace(cells[k], xy=xy[k]) for k in (0, 1))
    moved = dataclasses.replace(second, xy=second.xy + np.array([0.6, 0.8]) * off * SPACING)
    assert abs(residual_um(first, moved) - off * SPACING) <= 0.5 * SPACING


def test_sections_whose_parts_stay_a_whole_spot_apart_are_of_low_confidence(sound):
    torn, rows = sound.cells.copy(), sound.rows("S1")
    torn.obsm[keys.SPATIAL][rows, 0] += np.where(torn.obsm[keys.SPATIAL][rows, 0] < 0, -2.2, 2.2) * SPACING
    first, second = align(Sections.from_log1p(torn)).pairs
    assert first.residual_um > 0.75 * SPACING
    assert (first.confidence, first.why) == ("low", "parts of them still fit better elsewhere")
    assert second.residual_um < 0.5 * SPACING and second.confidence == "high"


def twins(sound):
    """The sections with each cell once more, mirrored."""
    twin = sound.cells.copy()
    twin.obsm[keys.SPATIAL] = twin.obsm[keys.SPATIAL] * [-1, 1]
    twin.obs_names = [f"{name}_twin" for name in twin.obs_names]
    return Sections.from_log1p(ad.concat([sound.cells, twin]))


def test_a_tissue_that_is_its_own_mirror_image_is_said_to_be_so(sound):
    made = align(twins(sound))
    assert [p.confidence for p in made.pairs] == ["low"] * 2
    whys = {"its mirror image fits nearly as well", "another position fits nearly as well"}
    assert {p.why for p in made.pairs} <= whys


@pytest.mark.parametrize("hold_out", [(), ("S1",)])
def test_half_of_a_symmetric_section_that_fits_either_side_is_of_low_confidence(sound, hold_out):
    halved = kept_part(twins(sound), "S1", lambda xy: xy[:, 0] < 0)
    first = align(displaced(halved, MOTIONS), hold_out=hold_out).pairs[0]
    assert (first.confidence, first.why) == ("low", "its mirror image fits nearly as well")


@pytest.mark.parametrize("spoil", ["constant", "one gene", "a line"])
def test_degenerate_sections_give_low_confidence_and_finite_poses(sound, spoil):
    cells = sound.cells[:, :1].copy() if spoil == "one gene" else sound.cells.copy()
    if spoil == "constant":
        cells.X[:] = 1.0
    if spoil == "a line":
        cells.obsm[keys.SPATIAL][sound.rows("S2"), 1] = 0.0
    made = align(Sections.from_log1p(cells))
    assert np.isfinite(made.matrices).all()
    assert spoil == "one gene" or any(p.confidence == "low" for p in made.pairs)
    json.loads(json.dumps(made.to_dict()))


def test_an_alignment_is_the_same_after_json(alignment):
    held = dataclasses.replace(alignment, placed_last=("S3",), warps={"S1": Warp([[0.0, 1.0]], [[2.0, 3.0]], 50.0)})
    back = Alignment.from_dict(json.loads(json.dumps(held.to_dict())))
    assert back.names == held.names and back.pairs == held.pairs and back.placed_last == ("S3",)
    assert np.array_equal(back.matrices, held.matrices)
    xy = np.random.default_rng(0).normal(size=(5, 2))
    assert np.array_equal(back.points("S1", xy), held.points("S1", xy))


def test_a_warp_is_smooth_and_meets_its_shifts():
    warp = Warp([[0.0, 0.0], [1000.0, 0.0]], [[10.0, 0.0], [0.0, 20.0]], 100.0)
    line = np.column_stack([np.linspace(-100, 1100, 200), np.zeros(200)])
    made = warp.at(line)
    assert np.allclose(warp.at(np.array([[0.0, 0.0], [1000.0, 0.0]])), [[10, 0], [0, 20]], atol=1e-3)
    assert made.min() >= 0 and made[:, 0].max() <= 10 and made[:, 1].max() <= 20


def test_a_correction_by_hand_moves_one_section_about_the_point_given(stack, alignment):
    xy = stack.cells.obsm[keys.SPATIAL][stack.rows("S1")]
    before = alignment.points("S1", xy)
    centre = before.mean(0)
    made = alignment.with_correction("S1", centre, (30.0, -10.0), 90.0, False)
    after = made.points("S1", xy)
    assert np.allclose(after.mean(0), centre + [30, -10])
    assert np.allclose(after - after.mean(0), (before - centre)[:, ::-1] * [-1, 1])
    assert np.array_equal(made.matrices[1:], alignment.matrices[1:]) and made.by_hand == ("S1",)
    mirrored = alignment.with_correction("S1", centre, (0.0, 0.0), 0.0, True).points("S1", xy)
    assert np.allclose(mirrored - centre, (before - centre) * [-1, 1])


def test_moved_sections_keep_what_they_came_with(stack, alignment, tmp_path):
    made = apply_alignment(stack, alignment)
    assert made.frame == keys.ALIGNED and "registered" in made.notes[-1]
    made.save(tmp_path / "moved.h5ad")
    for held in (made, Sections.load(tmp_path / "moved.h5ad"), made.without(["S3"])):
        rows = np.concatenate([stack.rows(name) for name in held.names])
        assert np.array_equal(held.cells.obsm[keys.ORIGINAL], stack.cells.obsm[keys.SPATIAL][rows])
        assert np.allclose(held.cells.obsm[keys.SPATIAL], aligned_positions(stack, alignment)[rows])
        assert Alignment.from_dict(json.loads(held.cells.uns[keys.ALIGNMENT])).pairs == alignment.pairs


def test_the_command_writes_a_file_that_is_read_in_the_common_frame(stack, tmp_path, capsys):
    cells = ad.AnnData(np.expm1(stack.cells.X), obs=stack.cells.obs, var=stack.cells.var,
                       obsm={"raw": stack.cells.obsm[keys.SPATIAL] / 10})
    cells.write_h5ad(tmp_path / "raw.h5ad")
    out = tmp_path / "registered.h5ad"
    assert main(["align", str(tmp_path / "raw.h5ad"), "--out", str(out), "--spatial-key", "raw", "--um-per-unit", "10",
                 "--hold-out", "S1", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["placed_last"] == ["S1"] and len(told["pairs"]) == 2 and told["agreement"] > 0.7
    written = ad.read_h5ad(out)
    assert np.allclose(written.obsm[keys.SPATIAL], stack.cells.obsm[keys.SPATIAL])
    assert set(written.obs[keys.SECTION][written.obs["placed_last"]]) == {"S1"}
    held = Alignment.from_dict(json.loads(written.uns[keys.UNS][keys.ALIGNMENT]))
    back = read_sections([out])
    assert back.frame == keys.ALIGNED
    assert np.allclose(back.cells.X, stack.cells.X, atol=1e-5)
    assert np.allclose(back.cells.obsm[keys.SPATIAL], aligned_positions(stack, held))


def test_the_command_refuses_what_it_cannot_write(tmp_path, capsys):
    assert main(["align", "none.h5ad", "--out", str(tmp_path / "registered.csv")]) == 2
    assert ".h5ad" in capsys.readouterr().err


@pytest.mark.data
@pytest.mark.parametrize("file,key,um", [("her2st_C", "spatial_array_um", 1.0),
                                         ("st_breast_cancer_4layers", "spatial_array_raw", 200.0)])
def test_spots_from_raw_coordinates_agree_as_their_authors_registered_them(data_dir, file, key, um):
    path = data_dir / f"{file}.h5ad"
    authors = read_sections([path], ReadOptions(normalize="log1p"))
    made = align(read_sections([path], ReadOptions(normalize="log1p", spatial_key=key, um_per_unit=um)))
    agreed = np.mean([p.agreement for p in made.pairs])
    assert agreed >= np.mean([p.r for p in stack_agreement(authors)])
