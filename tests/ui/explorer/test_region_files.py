"""Files of a drawn region: each is named once by what it holds."""

from types import SimpleNamespace

from ui.explorer import region


def test_files_of_a_region_are_named_by_the_run_and_what_they_hold(monkeypatch):
    named = []
    monkeypatch.setattr(region, "_text", lambda run: "a region")
    monkeypatch.setattr(region.st, "download_button", lambda label, make, name, *_, **__: named.append(name))
    region.downloads(SimpleNamespace(run=SimpleNamespace(noun="spot", file_stem="brain"), genes=["Gad1"]))
    assert named == ["brain_region_statistics.csv", "brain_region_spots.csv", "brain_region.geojson"]
