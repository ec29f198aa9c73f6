"""A folder of cases of input, each tried with the command of its README: `python -m benchmarks.inputs --cases DIR`.

A case is a folder whose README has one line: what it is | `python -m isost_core ...` | what is expected. The check of
a case stands below under the case's name. Prints a Markdown table: case, expected, got, ok. The cases are no part of
the project; without them there is nothing to try. --only A,B: these alone.
"""

import argparse
import contextlib
import io
import json
import os
import re
import shlex
import shutil
import sys
import tempfile
import traceback
from functools import cached_property
from pathlib import Path

import numpy as np

CHECKS = {}
FRAMES = {"left-posterior-superior": (1, 1, 1), "right-anterior-superior": (-1, -1, 1)}  # signs in ITK


class Case:
    """A case in a folder of its own: the words of its README, its command tried, its sections read once more."""

    def __init__(self, folder):
        self.name = folder.name
        self.about, command, self.expected = ([*(folder / "README.md").read_text().split(" | "), "", ""])[:3]
        self.expected = self.expected.strip().removeprefix("expected: ")
        self.words = shlex.split(command.strip("` ").split(" (")[0])[3:]

    def run(self, *words):
        """(exit status, JSON, all that was said) of one command; a traceback is status 1."""
        from isost_core.cli.main import main

        out, said = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(said):
            try:
                status = main([*words, "--json"])
            except BaseException:  # noqa: BLE001 whatever ends a command is what is looked for here
                status = 1
                traceback.print_exc(file=said)
        result = json.loads(out.getvalue()) if status == 0 else {}
        return status, result, said.getvalue()

    @cached_property
    def tried(self):
        if "RUN" in self.words:
            self.run("fit", next(Path().glob("*.h5ad")).name, "--preset", "fast", "--out", "RUN")
        extra = ["--preset", "fast"] if self.words[0] == "fit" and "--preset" not in self.words else []
        return self.run(*self.words, *extra)

    @property
    def said(self):
        return self.tried[2]

    @property
    def refusal(self):
        """The one line of a command that refused its input; '' where it did not, or said more than that."""
        lines = [line for line in self.said.splitlines() if line.startswith("error: ")]
        return lines[0] if self.tried[0] == 2 and len(lines) == 1 and "Traceback" not in self.said else ""

    @cached_property
    def sections(self):
        from isost_core.cli import arguments, main

        with contextlib.redirect_stderr(io.StringIO()):
            return arguments.read(main._parser(False).parse_args(self.words))[0]

    def dense(self):
        x = self.sections.X
        return x.toarray() if hasattr(x, "toarray") else np.asarray(x)

    def tells(self, *patterns):
        """The note, finding or refusal that holds all of these."""
        lines = [line for line in self.said.splitlines() if re.match("(note|warning|severe|error): ", line)]
        return next((line for line in lines if all(re.search(p, line, re.IGNORECASE) for p in patterns)), "")


def check(function):
    CHECKS[function.__name__] = function
    return function


def _as_read(case, n_sections, n_cells, n_genes=None):
    """Got, and whether so many sections, cells each, and genes were read."""
    if case.tried[0]:
        return case.said.strip().splitlines()[-1], False
    sections = case.sections
    cells = {len(sections.rows(name)) for name in sections.names}
    got = f"{len(sections.names)} sections x {'/'.join(map(str, sorted(cells)))} cells x {len(sections.genes)} genes"
    return got, len(sections.names) == n_sections and cells == {n_cells} and n_genes in (None, len(sections.genes))


def _follows(case, gene="Gx"):
    """Correlation of a gene with x and y in each section, and whether it follows x in all."""
    x, column = case.dense(), case.sections.genes.index(gene)
    found = []
    for name in case.sections.names:
        rows = case.sections.rows(name)
        found.append([float(np.corrcoef(x[rows, column], case.sections.xy[rows, axis])[0, 1]) for axis in (0, 1)])
    got = "; ".join(f"x {a:.2f}, y {b:.2f}" for a, b in found)
    return f"{gene} follows {got}", all(a > 0.6 and abs(b) < 0.4 for a, b in found)


def _depths(case):
    return dict(zip(case.sections.names, (round(float(d), 2) for d in case.sections.depths), strict=True))


def _largest(case, value):
    """The largest value, and whether it is this one."""
    largest = float(case.dense().max())
    return f"largest value {largest:.3f}", abs(largest - value) < 2e-3


@check
def anndata_zarr(case):
    got, ok = _as_read(case, 2, 120)
    return (f"{got}, depths {_depths(case)}", list(_depths(case).values()) == [50, 100]) if ok else (got, ok)


@check
def axes_by_column_name(case):
    return _follows(case)


@check
def capital_in_tissue(case):
    return _as_read(case, 2, 120)


@check
def counts_flagged_log1p(case):
    warned = case.tells("log1p", "19") or case.tells("log1p", "whole|counts")
    got, ok = _largest(case, np.log1p(19)) if not case.tried[0] else (case.refusal, False)
    return f"{got}; {warned}", ok or bool(warned)


@check
def folder_names_with_dots(case):
    if case.tried[0]:
        return case.said.strip().splitlines()[-1], False
    names = case.sections.names
    return ", ".join(names), list(names) == ["Bregma_-0.29", "Bregma_-0.24", "Bregma_-0.04"]


@check
def gem_two_name_columns(case):
    named = case.sections.other_names.get("Gx", "")
    return f"{', '.join(case.sections.genes[:3])}; Gx is also {named or 'nothing'}", named.startswith("ENS")


@check
def geo_gz(case):
    return _as_read(case, 2, 120, 12)


@check
def gz_name(case):
    return ", ".join(case.sections.names), case.sections.names == ("section_03", "section_04")


@check
def huge_gap(case):
    return case.refusal or case.said.strip().splitlines()[-1], bool(case.refusal)


@check
def imagerow_imagecol(case):
    return _follows(case)


@check
def log2_flagged(case):
    got, ok = _largest(case, 2.996)
    note = case.tells("log2|base 2")
    return f"{got}; {note}", ok or bool(note)


@check
def mac_files_in_folder(case):
    return _as_read(case, 2, 120)


@check
def molecule_table(case):
    line = case.refusal
    return line or case.said.strip().splitlines()[-1], "molecule" in line and "cell_by_gene" in line


@check
def nrrd_beside_nifti(case):
    import nibabel
    import nrrd

    if case.tried[0] or case.run(*[word.replace("v.nrrd", "v.nii.gz") for word in case.words])[0]:
        return "not written", False
    values, head = nrrd.read("v.nrrd")
    place = np.asarray(np.unravel_index(np.nanargmax(values), values.shape))
    signs = FRAMES.get(head.get("space"), (1, 1, 1))
    first = signs * (place @ np.asarray(head["space directions"]) + head["space origin"])
    image = nibabel.load("v.nii.gz")
    values = image.get_fdata()
    place = np.asarray(np.unravel_index(np.nanargmax(values), values.shape))
    second = (image.affine @ [*place, 1])[:3] * [-1, -1, 1]  # from right-anterior-superior, as ITK has it
    units = list(head.get("space units", []))
    return (f"ITK has the peak at {np.round(first, 3).tolist()} (NRRD, space {head.get('space', 'not named')}, "
            f"{units[:1]}) and {np.round(second, 3).tolist()} (NIfTI)",
            head.get("space") in FRAMES and np.abs(first - second).max() < 1e-3)


@check
def one_far_cell(case):
    from isost_core.runs.store import load_run

    got, ok = [], True
    for file in ("out5.h5ad", "out6.h5ad"):
        status, _, said = case.run("fit", file, "--preset", "fast", "--out", f"run_{file}")
        named = next((line for line in said.splitlines() if re.search("far|outl|away", line)), "")
        spacing = load_run(f"run_{file}").lattice.spacing_um if status == 0 else float("nan")
        got.append(f"{file}: {f'spacing {spacing:.1f} µm' if status == 0 else f'exit {status}'}, said: {named}")
        ok &= bool(named) and (status == 2 or (status == 0 and spacing < 25))
    return "; ".join(got), ok


@check
def own_export_read_again(case):
    got, ok = _largest(case, 3.0445)
    return f"{got}; {case.tells('log1p')}", ok


@check
def positions_without_header(case):
    return _as_read(case, 2, 120)


@check
def qc_empty_section_numbers(case):
    odd = re.findall(r"\d(?:\.\d+)?e[+-]?\d+|\d{9,}[.\d]*", case.said)
    line = case.tells("no counts")
    return f"{line}; odd numbers: {odd or 'none'}", bool(line) and "100 %" in case.said and not odd


@check
def qc_half_section(case):
    line = case.tells("Bregma-0.14", "half|area|covers|50 %|49 %|51 %")
    return line or "no such finding", bool(line)


@check
def qc_one_section_px(case):
    line = case.tells("Bregma-0.14", r"unit|wide|larger|size|\d times")
    return line or "no such finding", bool(line)


@check
def semicolons_decimal_commas(case):
    line = case.refusal
    if line:
        return line, "decimal" in line
    first = float(np.abs(case.sections.xy[:, 0] - 7.093).min()) if case.tried[0] == 0 else 1.0
    return f"{case.sections.n_cells} cells, one at x 7.093: {first < 1e-3}", first < 1e-3


@check
def signed_names_order(case):
    wanted = {"Bregma -0.24": -240, "Bregma -0.04": -40, "Bregma 0.06": 60, "Bregma 0.26": 260}
    got = _depths(case)
    right = [float(re.findall(r"-?[\d.]+", name)[0]) * 1000 for name in got] == list(got.values())
    shown = [line for line in case.said.splitlines() if re.match(r"\d+ +Bregma", line)]
    return f"{got}, {len(shown)} rows shown", right and len(got) == len(wanted) == len(shown)


@check
def slice_png_upside_down(case):
    from PIL import Image

    if case.tried[0]:
        return case.said.strip().splitlines()[-1], False
    pixels = np.asarray(Image.open("cut.png").convert("RGBA")).astype(float)
    bright = np.where(pixels[..., 3] > 0, pixels[..., 0] + pixels[..., 1], 0)
    row, column = np.unravel_index(np.argmax(bright), bright.shape)
    n = len(bright)
    return f"peak in row {row}, column {column} of {n}", row < n / 2 and column > n / 2


@check
def spaced_names_order(case):
    got = _depths(case)
    return str(got), [re.findall(r"\d+", name)[0] for name in got] == ["9", "10", "11"]


@check
def spatial_aligned_other_scale(case):
    line = case.tells("spatial_aligned", r"\d|wide|scale|unit")
    return line or case.said.strip(), bool(line)


@check
def third_column_unit(case):
    got = list(_depths(case).values()) if case.tried[0] == 0 else case.refusal
    return str(got), got == [0, 50, 100]


@check
def x_all_zero(case):
    line = case.refusal
    return line or case.said.strip().splitlines()[-1], "counts" in line and "data" in line and "zero" in line


def tried(folder):
    """(got, ok) of one case, tried in a copy of its folder."""
    here = Path.cwd()
    with tempfile.TemporaryDirectory() as place:
        shutil.copytree(folder, place, dirs_exist_ok=True, copy_function=shutil.copyfile)
        for path in [Path(place), *Path(place).rglob("*")]:
            path.chmod(0o755 if path.is_dir() else 0o644)
        for made in ("cut.png", "v.nrrd", "v.nii.gz"):  # what a command of before wrote
            Path(place, made).unlink(missing_ok=True)
        os.chdir(place)
        try:
            return CHECKS[folder.name](Case(folder))
        except Exception as error:  # noqa: BLE001 the other cases are tried all the same
            return f"{type(error).__name__}: {error}", False
        finally:
            os.chdir(here)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=Path, required=True, metavar="DIR")
    parser.add_argument("--only", default="", metavar="A,B")
    asked = parser.parse_args()
    wanted = [word for word in asked.only.split(",") if word]
    if not asked.cases.is_dir():
        print(f"{asked.cases} is not there, so there is nothing to try.", file=sys.stderr)
        return
    folders = [p for p in sorted(asked.cases.resolve().iterdir())
               if (p / "README.md").is_file() and (not wanted or p.name in wanted)]
    print("| case | expected | got | ok |\n|---|---|---|---|")
    for folder in folders:
        got, ok = tried(folder) if folder.name in CHECKS else ("no check of this name", False)
        print(f"| {folder.name} | {Case(folder).expected} | {' '.join(str(got).split())} | {'yes' if ok else 'no'} |",
              flush=True)


if __name__ == "__main__":
    main()
