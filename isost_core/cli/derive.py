"""Commands that take something from a finished run: section, volume, slice, profile."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from isost_core.analysis.profiles import profile
from isost_core.cli.arguments import check_out, command, names, number, numbers
from isost_core.errors import InputError
from isost_core.export.volumes import VOLUME_TYPES, write_slice, write_volume
from isost_core.reconstruction.border_distance import isosurface_border
from isost_core.reconstruction.slices import oblique
from isost_core.reconstruction.virtual_cells import virtual_section
from isost_core.reconstruction.volume import make_volume
from isost_core.runs.store import load_run

if TYPE_CHECKING:
    from isost_core.cli.arguments import Commands


def add_section(commands: Commands) -> None:
    """Add the command `section`."""
    c = command(commands, "section", _section, "Virtual section at a depth.")
    _run_and_out(c, "FILE.h5ad")
    c.add_argument("--depth", type=number, required=True, metavar="UM")
    c.add_argument("--seed", type=int, default=0, metavar="N")


def add_volume(commands: Commands) -> None:
    """Add the command `volume`."""
    c = command(commands, "volume", _volume, "Volume of genes on an isotropic grid.")
    _run_and_out(c, "FILE.vti|.nii.gz|.nrrd|.ome.zarr.zip|.npz")
    c.add_argument("--gene", type=names, required=True, metavar="G[,G2]")
    c.add_argument("--spacing", type=number, required=True, metavar="UM")


def add_slice(commands: Commands) -> None:
    """Add the command `slice`."""
    c = command(commands, "slice", _slice, "Virtual slice at any angle.")
    _run_and_out(c, "FILE.npz|FILE.png")
    c.add_argument("--gene", required=True, metavar="G")
    c.add_argument("--centre", type=_point, required=True, metavar="X,Y,Z")
    c.add_argument("--azimuth", type=number, required=True, metavar="DEG")
    c.add_argument("--tilt", type=number, required=True, metavar="DEG", help="how far the plane leans from lying flat, "
                                                                             "towards the azimuth (0: x, 90: y)")
    c.add_argument("--turn", type=number, default=0.0, metavar="DEG", help="turns the picture in its plane (default 0: "
                                                                          "a flat slice is upright)")
    c.add_argument("--size", type=number, required=True, metavar="UM", help="side of the square slice")
    c.add_argument("--pixels", type=int, default=256, metavar="N")
    c.add_argument("--y-down", action=argparse.BooleanOptionalAction, help="draw the picture with y downwards "
                   "(default: as the images of your instrument have it, upwards where there are none)")


def add_profile(commands: Commands) -> None:
    """Add the command `profile`."""
    c = command(commands, "profile", _profile, "Expression against depth or distance.")
    _run_and_out(c, "FILE.csv")
    c.add_argument("--gene", type=names, required=True, metavar="G[,G2]")
    c.add_argument("--kind", choices=["depth", "radial", "spherical", "surface"], required=True)
    c.add_argument("--centre", type=_point, metavar="X,Y,Z")
    c.add_argument("--level", type=number, metavar="V", help="for kind surface: level of the isosurface of the first "
                                                             "gene")
    c.add_argument("--axis", type=_point, metavar="X,Y,Z")
    c.add_argument("--radius", type=number, metavar="UM")
    c.add_argument("--bin", type=number, metavar="UM")


def _run_and_out(command: argparse.ArgumentParser, form: str) -> None:
    command.add_argument("run", type=Path, metavar="RUN", help="folder that fit wrote")
    command.add_argument("--out", type=Path, required=True, metavar=form)


def _point(text: str) -> tuple[float, ...]:
    point = numbers(text)
    if len(point) != 3:
        raise argparse.ArgumentTypeError(f"'{text}' needs three numbers X,Y,Z")
    return point


def _section(o: argparse.Namespace) -> dict[str, Any]:
    check_out(o.out, (".h5ad",))
    made = virtual_section(load_run(o.run), o.depth, o.seed)
    made.write_h5ad(o.out)
    return {"out": str(o.out), "cells": made.n_obs, "genes": made.n_vars, "depth_um": o.depth}


def _volume(o: argparse.Namespace) -> dict[str, Any]:
    check_out(o.out, VOLUME_TYPES)
    volume = make_volume(load_run(o.run), o.gene, o.spacing)
    write_volume(volume, o.out)
    return {"out": str(o.out), "genes": list(volume.genes), "shape": list(volume.mask.shape),
            "spacing_um": volume.spacing_um, "tissue_voxels": int(volume.mask.sum())}


def _slice(o: argparse.Namespace) -> dict[str, Any]:
    check_out(o.out, (".npz", ".png"))
    run = load_run(o.run)
    made = oblique(run, o.gene, o.centre, o.azimuth, o.tilt, o.size, o.pixels, o.turn)
    write_slice(made, o.out, y_down=run.y_down if o.y_down is None else o.y_down)
    return {"out": str(o.out), "gene": made.gene, "pixels": o.pixels, "spacing_um": made.spacing_um,
            "tissue_pixels": int(made.mask.sum())}


def _profile(o: argparse.Namespace) -> dict[str, Any]:
    check_out(o.out, (".csv",))
    needed = "level" if o.kind == "surface" else "centre"
    if getattr(o, needed) is None:
        raise InputError(f"A {o.kind} profile needs --{needed}.")
    run = load_run(o.run)
    centre = isosurface_border(run, o.gene[0], o.level) if o.kind == "surface" else o.centre
    table = profile(run, o.gene, o.kind, centre, o.axis, o.radius, o.bin)
    table.to_csv(o.out, index=False)
    return {"out": str(o.out), "rows": len(table)}
