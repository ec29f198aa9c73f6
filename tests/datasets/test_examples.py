import hashlib
import threading
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import anndata
import numpy as np
import pytest

from isost_core.config import Config
from isost_core.datasets import examples
from isost_core.datasets.examples import EXAMPLES, fetch_example
from isost_core.datasets.published import bdtnp_to_anndata
from isost_core.errors import InputError
from isost_core.files import read_json
from isost_core.readers import read_sections
from isost_core.sections.stack import Sections
from isost_core.workflows import demo

DGE = "eve\tftz\n0.5\t1.25\n0.0\t2.0\n1.5\t0.25\n"
GEOMETRY = "xcoord ycoord zcoord\n-50.0 1.0 2.0\n-45.0 3.0 4.0\n-12.0 5.0 6.0\n-50.0 -1.0 2.0\n"


@pytest.fixture
def cache(tmp_path, monkeypatch):
    folder = tmp_path / "cache"
    monkeypatch.setattr(examples, "_cache", lambda: folder)
    monkeypatch.setenv("ISOST_DATA_DIR", str(tmp_path / "nowhere"))
    return folder


@pytest.fixture
def server(tmp_path, monkeypatch):
    """A web server with a tiny embryo, and the example changed to fetch from there."""
    folder = tmp_path / "web"
    folder.mkdir()
    files = {"dge.txt": DGE, "geometry.txt": GEOMETRY}
    for name, text in files.items():
        (folder / name).write_text(text)

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder))
    threading.Thread(target=http.serve_forever, daemon=True).start()
    sums = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in files.items()}
    here = replace(EXAMPLES["bdtnp"], url=f"http://127.0.0.1:{http.server_port}/", files=sums)
    monkeypatch.setitem(EXAMPLES, "bdtnp", here)
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    yield folder
    http.shutdown()
    http.server_close()


def test_download_convert_and_keep(cache, server):
    (path,) = fetch_example("bdtnp")
    cells = anndata.read_h5ad(path)
    assert list(cells.obs["section"]) == ["AP00", "AP00", "AP01"]
    np.testing.assert_allclose(cells.obs["z_um"], [-50, -45, -12])
    np.testing.assert_allclose(cells.obsm["spatial"], [[1, 2], [3, 4], [5, 6]])
    np.testing.assert_allclose(cells.X, [[0.5, 1.25], [0, 2], [1.5, 0.25]])
    for file in server.iterdir():
        file.unlink()
    assert fetch_example("bdtnp") == [path]


def test_a_changed_file_is_refused(cache, server):
    (server / "dge.txt").write_text(DGE + "9\t9\n")
    with pytest.raises(InputError, match="dge.txt is not the file that was published.*SHA-256"):
        fetch_example("bdtnp")
    assert not list(cache.glob("*dge*"))


def test_a_failed_download_gives_address_and_way_out(cache, server):
    (server / "geometry.txt").unlink()
    with pytest.raises(InputError, match=r"http://127.0.0.1:\d+/geometry.txt could not be downloaded.*ISOST_DATA_DIR"):
        fetch_example("bdtnp")


def test_mirror_is_used_only_where_its_files_are_right(cache, server, tmp_path):
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    (mirror / "dge.txt").write_text(DGE)
    (mirror / "geometry.txt").write_text("changed")
    (server / "dge.txt").unlink()
    (path,) = fetch_example("bdtnp", mirror)
    assert anndata.read_h5ad(path).n_obs == 3
    assert [p.name for p in cache.glob("*.txt")] == ["geometry.txt"]


def test_without_the_variable_nothing_is_looked_for_on_this_machine(cache, server, monkeypatch):
    monkeypatch.delenv("ISOST_DATA_DIR")
    assert examples._mirror(None) is None
    (server / "dge.txt").unlink()
    with pytest.raises(InputError, match="dge.txt could not be downloaded"):
        fetch_example("bdtnp")


def test_descriptions_are_complete():
    for example in EXAMPLES.values():
        assert example.title and "doi:" in example.citation and example.licence
        assert example.url.startswith("https://") and all(len(h) == 64 for h in example.files.values())
    assert EXAMPLES["merfish"].n_files == 5


def test_unknown_example():
    with pytest.raises(InputError, match="Example 'mers' is not known. Choose one of merfish, bdtnp, bulb, synovium"):
        fetch_example("mers")


@pytest.mark.data
def test_merfish_from_the_mirror_reads_with_its_options(data_dir, cache):
    paths = fetch_example("merfish", data_dir / "originals")
    assert all(p.parent == data_dir / "originals" for p in paths) and not cache.exists()
    sections = read_sections(paths, EXAMPLES["merfish"].options)
    assert sections.names[:3] == ("merfish_4_paste", "merfish_9_paste", "merfish_14_paste")
    assert list(sections.depths) == [0, 50, 100, 150, 200] and sections.n_cells == 28317
    assert sections.hashes == EXAMPLES["merfish"].files


@pytest.mark.data
def test_bdtnp_converts_to_the_known_embryo(data_dir):
    made = bdtnp_to_anndata(data_dir / "originals" / "dge.txt", data_dir / "originals" / "geometry.txt")
    known = anndata.read_h5ad(data_dir / "bdtnp_drosophila_3d.h5ad")
    assert list(made.var_names) == list(known.var_names) and list(made.obs_names) == list(known.obs_names)
    assert list(made.obs["section"].astype(str)) == list(known.obs["section"].astype(str))
    np.testing.assert_allclose(made.X, known.X, atol=1e-6)
    np.testing.assert_allclose(made.obs["z_um"], known.obs["z_um"], atol=1e-4)
    np.testing.assert_allclose(made.obsm["spatial_3d"], known.obsm["spatial_3d"], atol=1e-4)


def test_without_a_network_the_demo_is_a_brain_that_says_it_is_synthetic(cache, monkeypatch, capsys, tmp_path):
    monkeypatch.setitem(EXAMPLES, "merfish", replace(EXAMPLES["merfish"], url="http://127.0.0.1:9/"))
    folder = demo.create_demo(tmp_path / "demo", Config.of_preset("fast"))
    about, sections = read_json(folder / "config.json"), Sections.load(folder / "sections.h5ad")
    assert sections.synthetic and about["synthetic"] and about["source"]["files"] == []
    assert "synthetic phantom (no real tissue)" in about["name"]
    assert len(sections.names) == 7 and {"Gad1", "Mbp", "Slc17a7"} <= set(sections.genes)
    assert "synthetic phantom instead" in capsys.readouterr().err
