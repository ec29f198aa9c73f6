"""What a rerun of a page costs: how often the files of a stack are looked at, and its coordinates hashed."""

import hashlib
import json

import pytest

from isost_core import readers
from isost_core.datasets.phantoms import make_phantom
from isost_core.readers import reading as files
from isost_core.registration.alignment import Alignment
from tests.ui.test_quality_page import open_page, prepare
from ui.stack import reading

CELLS = make_phantom("lobe", 4, 15.0, n_cells=400, n_genes=24, seed=1)[0]


class Costs:
    """Files looked at and hashes of all coordinates since the last time it was asked."""

    def __init__(self):
        self.looked = self.hashed = 0

    def since(self):
        found = self.looked, self.hashed
        self.looked = self.hashed = 0
        return found


@pytest.fixture
def costs(monkeypatch):
    counted, look, digest = Costs(), files.headers_of, hashlib.sha256

    def headers_of(*args):
        counted.looked += 1
        return look(*args)

    def sha256(data=b"", **more):
        counted.hashed += len(data) >= 16 * CELLS.n_obs
        return digest(data, **more)

    monkeypatch.setattr(files, "headers_of", headers_of)
    monkeypatch.setattr(hashlib, "sha256", sha256)
    return counted


@pytest.fixture
def folder(tmp_path, monkeypatch, costs):
    monkeypatch.setenv("ISOST_WORKSPACE", str(tmp_path))
    made = prepare(tmp_path, CELLS)
    costs.since()
    return made


@pytest.mark.parametrize("page", ["sections", "quality", "registration", "new_run"])
def test_each_file_is_looked_at_once_and_read_once_and_the_coordinates_hashed_once(folder, costs, page):
    app = open_page(page)
    assert costs.since() == (2, 1)
    app.run()
    assert not app.exception and costs.since() == (0, 0)


@pytest.mark.parametrize("page", ["sections", "quality", "registration", "new_run"])
def test_registration_and_correction_cost_no_further_hash(folder, costs, page):
    sections = readers.read_sections(folder / "stack.h5ad")
    known = json.loads((folder / "answers.json").read_text())
    known |= {"correct_batch": True, "registration": {
        "signature": reading.signature_of(sections), "alignment": Alignment.identity(sections).to_dict(), "on": True,
        "undo": []}}
    (folder / "answers.json").write_text(json.dumps(known))
    costs.since()
    app = open_page(page)
    assert not app.exception and costs.since() == (2, 1)


def test_a_second_file_is_looked_at_with_the_first_once(folder, costs):
    other = CELLS[CELLS.obs["section"] == "S01"].copy()
    other.obs["section"] = "S09"
    other.obs["section"] = other.obs["section"].astype("category")
    other.obs["z_um"] = 200.0
    other.write_h5ad(folder / "more.h5ad")
    app = open_page("sections")
    assert not app.exception and "5 sections" in "".join(m.value for m in app.markdown)
    assert costs.looked == 2 + 2 and costs.hashed == 1


def test_files_that_do_not_go_together_are_scanned_alone(tmp_path):
    paths = []
    for name, genes in (("a", ["A", "B"]), ("b", ["C", "D"])):
        paths.append(tmp_path / f"{name}.csv")
        paths[-1].write_text(f"x,y,{','.join(genes)}\n1,2,3,4\n")
    (tmp_path / "c.csv").write_text("")
    found = readers.scan_files([*paths, tmp_path / "c.csv"])
    assert list(found.alone) == paths and "is empty" in found.refused[tmp_path / "c.csv"]
    assert found.together is None and "share no genes" in found.conflict
