"""`python -m isost_core surface`, `niches` and `export`: surfaces, niches of cells, and a whole run in one zip."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from isost_core.analysis.niche_places import measured_with_niches, size_table
from isost_core.analysis.niches import find_niches
from isost_core.cli.arguments import check_out, command, names, number
from isost_core.errors import InputError
from isost_core.export.bundle import write_bundle
from isost_core.export.cells import TABLE_TYPES, write_cells
from isost_core.export.surfaces import surface_of, write_surfaces
from isost_core.runs.store import load_run
from isost_core.words import plain
from isost_core.workflows.find_niches import keep_niches

if TYPE_CHECKING:
    from isost_core.cli.arguments import Commands


def add_export(commands: Commands) -> None:
    """Add the commands `surface`, `niches` and `export`."""
    c = command(commands, "surface", _surface, "Write surfaces of genes as .vtp, .stl (µm) or .glb (metres).")
    c.add_argument("run", type=Path)
    c.add_argument("--gene", required=True, type=names, metavar="A,B")
    c.add_argument("--percentile", type=float, default=None,
                   help="share of the tissue below the level, in percent (default: where the app opens the gene's "
                        "surface)")
    c.add_argument("--out", required=True, type=Path)
    c = command(commands, "niches", _niches, "Find niches, keep them with the run, and write each measured cell with "
                                             "its niche.")
    c.add_argument("run", type=Path)
    c.add_argument("--by", default=None, metavar="COLUMN", help="column of cell labels (default: by expression)")
    c.add_argument("--number", type=int, default=None, metavar="N", help="number of niches (default: the suggested "
                                                                         "one)")
    c.add_argument("--reach", type=number, default=None, metavar="UM", help="how far a neighbourhood reaches")
    c.add_argument("--out", required=True, type=Path, metavar="FILE.h5ad|.parquet|.csv")
    c = command(commands, "export", _export, "Pack the results of a run into one zip with a README, its settings and "
                                             "the citation.")
    c.add_argument("run", type=Path)
    c.add_argument("--gene", type=names, default=None, metavar="A,B", help="genes of the volumes and surfaces "
                                                                           "(default: the one with the clearest "
                                                                           "pattern)")
    c.add_argument("--spacing", type=float, default=None, help="voxel size of the volumes, µm")
    c.add_argument("--out", required=True, type=Path, metavar="FILE.zip")


def _surface(o: argparse.Namespace) -> dict[str, Any]:
    if o.percentile is not None and not 0 < o.percentile < 100:
        raise InputError(f"The percentile must lie between 0 and 100, found {plain(o.percentile)}.")
    run = load_run(o.run)
    surfaces = [surface_of(run, gene, o.percentile) for gene in o.gene]
    write_surfaces(surfaces, check_out(o.out))
    return {"out": str(o.out), "surfaces": [{"gene": s.name, "level": s.level, "triangles": len(s.faces)}
                                            for s in surfaces]}


def _niches(o: argparse.Namespace) -> dict[str, Any]:
    target = check_out(o.out, TABLE_TYPES)
    run = load_run(o.run)
    niches = find_niches(run, o.by, o.number, o.reach)
    keep_niches(run.path, niches, o.number)
    write_cells(measured_with_niches(run, niches), target)
    return {"out": str(o.out), "reach_um": niches.reach_um, "niches": size_table(run, niches).to_dict("records")}


def _export(o: argparse.Namespace) -> dict[str, Any]:
    target = check_out(o.out, (".zip",))
    run = load_run(o.run)
    genes = list(o.gene or [run.clearest_gene])
    write_bundle(run, target, genes, spacing_um=o.spacing)
    return {"out": str(o.out), "genes": genes, "bytes": o.out.stat().st_size}
