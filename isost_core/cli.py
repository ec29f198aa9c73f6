"""The command line. Logs go to stderr, results to stdout; bad input exits 2 with one line."""

import argparse
import functools
import json
import re
import sys
from pathlib import Path

from isost_core.cli_align import add_align
from isost_core.cli_export import add_export
from isost_core.cli_input import command, names, number, numbers, read, reading_options
from isost_core.cli_qc import add_qc
from isost_core.config import PRESETS
from isost_core.errors import InputError
from isost_core.executors import NICHES, RECONSTRUCT, REGISTER, VALIDATE, work

_NEGATIVE = re.compile(r"-\.?\d")


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        raise InputError(f"{message}. See `python -m isost_core {self.prog.split()[-1]} --help`.")


def main(argv=None):
    """Run one command; returns the exit status: 0, or 2 for bad input."""
    argv = _join_negative(sys.argv[1:] if argv is None else list(argv))
    try:
        options = _parser().parse_args(argv)
        result = options.act(options)
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    if options.json:
        print(json.dumps(result))
    return 0


def _join_negative(argv):
    """`--centre -10,20,30` as `--centre=-10,20,30`, since argparse takes the value for an option."""
    out = []
    for word in argv:
        if out and out[-1].startswith("--") and "=" not in out[-1] and _NEGATIVE.match(word):
            out[-1] += f"={word}"
        else:
            out.append(word)
    return out


def _parser():
    top = _Parser(prog="python -m isost_core", description="From a stack of 2D sections to the 3D tissue.")
    commands = top.add_subparsers(dest="command", required=True, parser_class=_Parser)
    for add in (_add_fit, _add_validate, _add_section, _add_volume, _add_slice, _add_profile, _add_phantom, _add_jobs,
                add_qc, add_align, add_export):
        add(commands)
    return top


def _add_fit(commands):
    c = command(commands, "fit", _fit, "Reconstruct the tissue from its sections.")
    _input_options(c)
    c.add_argument("--out", required=True, type=Path, metavar="RUN", help="folder of the run")
    c.add_argument("--hold-out", type=names, default=(), metavar="A,B", help="sections left out of everything")
    c.add_argument("--correct-batch", action="store_true", help="even out brightness that jumps between sections")
    c.add_argument("--overwrite", action="store_true")


def _add_validate(commands):
    c = command(commands, "validate", _validate, "Hold sections out, predict them, and report how close it comes.")
    _input_options(c)
    c.add_argument("--out", required=True, type=Path, metavar="DIR", help="folder of report.json and report.html")
    c.add_argument("--hold-out", type=names, default=("each",), metavar="each|A,B", help="default each, by itself")


def _input_options(c):
    """What is read and how it is reconstructed."""
    reading_options(c)
    c.add_argument("--preset", choices=list(PRESETS), default="standard")
    c.add_argument("--config", type=Path, metavar="FILE.json", help="settings that differ from the preset")
    c.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto")
    c.add_argument("--seed", type=int, default=None, metavar="N", help="default 0")


def _add_section(commands):
    c = command(commands, "section", _section, "Virtual section at a depth.")
    _run_and_out(c, "FILE.h5ad")
    c.add_argument("--depth", type=number, required=True, metavar="UM")
    c.add_argument("--seed", type=int, default=0, metavar="N")


def _add_volume(commands):
    c = command(commands, "volume", _volume, "Volume of genes on an isotropic grid.")
    _run_and_out(c, "FILE.vti|.nii.gz|.nrrd|.ome.zarr.zip|.npz")
    c.add_argument("--gene", type=names, required=True, metavar="G[,G2]")
    c.add_argument("--spacing", type=number, required=True, metavar="UM")


def _add_slice(commands):
    c = command(commands, "slice", _slice, "Virtual slice at any angle.")
    _run_and_out(c, "FILE.npz|FILE.png")
    c.add_argument("--gene", required=True, metavar="G")
    c.add_argument("--centre", type=_point, required=True, metavar="X,Y,Z")
    c.add_argument("--azimuth", type=number, required=True, metavar="DEG")
    c.add_argument("--tilt", type=number, required=True, metavar="DEG")
    c.add_argument("--size", type=number, required=True, metavar="UM", help="full side of the square")
    c.add_argument("--pixels", type=int, default=256, metavar="N")


def _add_profile(commands):
    c = command(commands, "profile", _profile, "Expression against depth or distance.")
    _run_and_out(c, "FILE.csv")
    c.add_argument("--gene", type=names, required=True, metavar="G[,G2]")
    c.add_argument("--kind", choices=["depth", "radial", "spherical", "surface"], required=True)
    c.add_argument("--centre", type=_point, metavar="X,Y,Z")
    c.add_argument("--level", type=number, metavar="V", help="of surface: the isosurface of the first gene")
    c.add_argument("--axis", type=_point, metavar="X,Y,Z")
    c.add_argument("--radius", type=number, metavar="UM")
    c.add_argument("--bin", type=number, metavar="UM")


def _add_phantom(commands):
    c = command(commands, "phantom", _phantom, "Synthetic tissue with known truth.")
    c.add_argument("--kind", choices=["ball", "layers", "tube", "embryo", "brain"], required=True)
    c.add_argument("--sections", type=int, required=True, metavar="K")
    c.add_argument("--gap", type=number, required=True, metavar="UM")
    c.add_argument("--out", type=Path, required=True, metavar="FILE.h5ad")
    c.add_argument("--truth", type=Path, metavar="FILE.h5ad", help="cells at all depths")
    c.add_argument("--cells", type=int, default=800, metavar="N", help="cells per section")
    c.add_argument("--genes", type=int, default=30, metavar="N")
    c.add_argument("--sparse", action="store_true")
    c.add_argument("--seed", type=int, default=0, metavar="N")


def _add_jobs(commands):
    for job in (RECONSTRUCT, REGISTER, VALIDATE, NICHES):
        command(commands, job, _job).add_argument("folder", type=Path)


def _run_and_out(command, form):
    command.add_argument("run", type=Path, metavar="RUN", help="folder that fit wrote")
    command.add_argument("--out", type=Path, required=True, metavar=form)


def _point(text):
    point = numbers(text)
    if len(point) != 3:
        raise argparse.ArgumentTypeError(f"'{text}' needs three numbers X,Y,Z")
    return point


def _fit(o):
    from isost_core.runs import check_target, create_run
    from isost_core.work import execute

    check_target(o.out, o.overwrite)
    config = _config(o)
    sections = read(o, o.hold_out)
    if o.correct_batch:
        sections = _corrected(sections)
    source = {"files": [Path(p).name for p in o.input], "device": o.device, "hold_out": list(o.hold_out)}
    folder = create_run(o.out, sections, config, overwrite=o.overwrite, source=source)
    final = execute(folder)
    return {"run": str(final), "sections": len(sections.names), "cells": sections.n_cells,
            "genes": len(sections.genes), "depth_um": [float(d) for d in sections.depths], "preset": config.preset}


def _corrected(sections):
    from isost_core.batch import correct_batch

    corrected, _ = correct_batch(sections)
    print(f"note: {corrected.notes[-1]}", file=sys.stderr)
    return corrected


def _validate(o):
    from isost_core.report import check_folder, headline, write_report
    from isost_core.validate import validate

    check_folder(o.out)
    config, hold_out = _config(o), "each" if o.hold_out == ("each",) else o.hold_out
    say = functools.cache(lambda what: print(what, file=sys.stderr, flush=True))
    report = validate(read(o), hold_out, config, o.device, lambda what, _: say(what))
    return {"out": str(write_report(report, o.out))} | headline(report)


def _config(o):
    from isost_core.config import Config

    changes = {}
    if o.config:
        try:
            changes = json.loads(o.config.read_text())
        except OSError as error:
            raise InputError(f"{o.config} cannot be read: {error.strerror}.") from None
        except ValueError as error:
            raise InputError(f"{o.config} is not JSON: {error}.") from None
        if not isinstance(changes, dict):
            raise InputError(f"{o.config} must hold one JSON object of settings, found {type(changes).__name__}.")
    preset = changes.pop("preset", o.preset)
    if o.seed is not None:
        changes["seed"] = o.seed
    return Config.of_preset(preset, **changes)


def _section(o):
    from isost_core.reconstruct import virtual_section
    from isost_core.runs import load_run

    _check_ending(o.out, (".h5ad",))
    made = virtual_section(load_run(o.run), o.depth, o.seed)
    made.write_h5ad(o.out)
    return {"out": str(o.out), "cells": made.n_obs, "genes": made.n_vars, "depth_um": o.depth}


def _volume(o):
    from isost_core.export import VOLUME_TYPES, write_volume
    from isost_core.runs import load_run
    from isost_core.volume import make_volume

    _check_ending(o.out, VOLUME_TYPES)
    volume = make_volume(load_run(o.run), o.gene, o.spacing)
    write_volume(volume, o.out)
    return {"out": str(o.out), "genes": list(volume.genes), "shape": list(volume.mask.shape),
            "spacing_um": volume.spacing_um, "tissue_voxels": int(volume.mask.sum())}


def _slice(o):
    from isost_core.export import write_slice
    from isost_core.runs import load_run
    from isost_core.slices import oblique

    _check_ending(o.out, (".npz", ".png"))
    made = oblique(load_run(o.run), o.gene, o.centre, o.azimuth, o.tilt, o.size, o.pixels)
    write_slice(made, o.out)
    return {"out": str(o.out), "gene": made.gene, "pixels": o.pixels, "spacing_um": made.spacing_um,
            "tissue_pixels": int(made.mask.sum())}


def _profile(o):
    from isost_core.profiles import profile
    from isost_core.runs import load_run
    from isost_core.surfaces import isosurface_of

    _check_ending(o.out, (".csv",))
    needed = "level" if o.kind == "surface" else "centre"
    if getattr(o, needed) is None:
        raise InputError(f"A {o.kind} profile needs --{needed}.")
    run = load_run(o.run)
    centre = isosurface_of(run, o.gene[0], o.level) if o.kind == "surface" else o.centre
    table = profile(run, o.gene, o.kind, centre, o.axis, o.radius, o.bin)
    table.to_csv(o.out, index=False)
    return {"out": str(o.out), "rows": len(table)}


def _phantom(o):
    from isost_core.phantoms import make_phantom

    for path in filter(None, (o.out, o.truth)):
        _check_ending(path, (".h5ad",))
    made, truth = make_phantom(o.kind, o.sections, o.gap, o.cells, o.genes, o.sparse, o.seed)
    made.write_h5ad(o.out)
    if o.truth:
        truth.write_h5ad(o.truth)
    return {"out": str(o.out), "cells": made.n_obs, "genes": made.n_vars, "truth_cells": truth.n_obs}


def _check_ending(path, allowed):
    if not path.name.endswith(tuple(allowed)):
        raise InputError(f"--out {path.name} must end in {' or '.join(allowed)}.")
    if not path.parent.is_dir():
        raise InputError(f"The folder {path.parent} does not exist. Make it first, or choose another.")


def _job(o):
    return {"folder": str(o.folder), "finished": work(o.command, o.folder)}
