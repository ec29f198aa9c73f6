"""Histology images as the Explorer and Registration hand them to the browser."""

from types import SimpleNamespace

import numpy as np
import pytest

from isost_core.registration.alignment import Alignment
from tests import pictured_stack


@pytest.fixture
def run(tmp_path):
    return SimpleNamespace(sections=pictured_stack.registered(tmp_path))


def test_the_explorer_is_told_where_images_lie_and_sent_each_once(run):
    from ui.explorer import histology

    told, packs = histology.for_browser(run), histology.packs(run)
    assert [one["section"] for one in told] == [1, 2], "the first section has no image"
    assert {one["key"] for one in told} == set(packs) and len(packs) == 2
    again = histology.packs(run)
    assert all(again[key] == packs[key] for key in packs), "a rerun brings the very same bytes"


def test_a_damaged_image_and_one_that_is_gone_are_left_out(run):
    from ui.explorer import histology

    run.sections.save(run.sections.images["S2"].path.parent / "run.h5ad")
    kept = type(run.sections).load(run.sections.images["S2"].path.parent / "run.h5ad")
    kept.images["S2"].path.write_bytes(b"no image")
    kept.images["S3"].path.unlink()
    damaged = SimpleNamespace(sections=kept)
    assert histology.for_browser(damaged) == [] and histology.packs(damaged) == {}


def test_registration_moves_the_image_with_the_section(tmp_path):
    from ui.registration.by_hand import _laid

    sections, alignment = pictured_stack.read(tmp_path), pictured_stack.alignment()
    uploaded = _laid(sections, Alignment.identity(sections), "S2", "Mark")
    registered = _laid(sections, alignment, "S2", "Mark")
    assert uploaded.image and registered.image
    assert uploaded.image.key == registered.image.key, "the same pixels: they aren't sent again"
    before, now = (np.array([laid.image.frame.right, laid.image.frame.down]) for laid in (uploaded, registered))
    corner = alignment.points("S2", np.array([uploaded.image.frame.corner]))[0]
    assert registered.image.frame.corner == pytest.approx(corner, abs=1e-3)
    assert np.linalg.norm(now, axis=1) == pytest.approx(np.linalg.norm(before, axis=1)), "of the same size"
    assert np.linalg.det(now) * np.linalg.det(before) < 0, "mirrored with it"
    assert _laid(sections, alignment, "S1", None).image is None
