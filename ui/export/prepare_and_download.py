"""What every export shares: genes, format, size, and how a file is taken: at once, or prepared first where slow."""

import contextlib
import hashlib
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from isost_core.runs.run import Run
from isost_core.words import plain
from ui.jobs.words import duration
from ui.shell import state, visitor, widgets, workspace
from ui.shell.downloads import file_name

AT_ONCE = "One click, within seconds."
LEAST_S = 2  # said of a file that has to be prepared
CELL_VALUES_S = 5e5  # values of virtual cells (cells × genes) that are made and written in a second
SLOWER = {".csv": 4}  # times as long as the other formats
SURFACE_S = 3  # of a gene
QUICK_VALUES = 20_000_000  # of a volume that is written within a few seconds


def genes(run: Run, what: str) -> list[str]:
    """Genes of a file, to begin with those that are looked at."""
    asked = [gene for gene in state.view_value("genes", [run.clearest_gene]) if gene in run.genes]
    return st.multiselect("Genes", run.genes, default=(asked or [run.clearest_gene])[:3], key=f"{what}_genes",
                          filter_mode="contains", placeholder="Type a gene name")


def file_format(box: DeltaGenerator, what: str, kinds: Mapping[str, str], frame: str | None = None) -> str:
    """Ending of a file; `kinds` says what each is for, `frame` which axes, origin and unit they have."""
    return box.selectbox("Format", list(kinds), format_func=lambda ending: f"{ending} · {kinds[ending]}",
                         key=f"{what}_format", help=frame)


def n_voxels(run: Run, spacing_um: float) -> int:
    """How many voxels a volume has for each gene."""
    return prod(int((b - a) / spacing_um) + 1 for a, b in zip(*run.extent_um, strict=True))


def size_words(run: Run, spacing_um: float, n_genes: int) -> str:
    """How large a volume will be."""
    voxels = n_voxels(run, spacing_um)
    megabytes = max(1, round(voxels * n_genes * 4 / 1e6))
    return f"{voxels:,} voxels, about {megabytes:,} MB (**mean**) before compression."


def tissue_seconds(run: Run, gap_um: float | None = None, ending: str = ".h5ad") -> float:
    """How long making and writing all virtual cells takes."""
    low, high = run.depth_range
    cells = len(run.measured_xyz) / len(run.sections.names) * ((high - low) / (gap_um or run.lattice.spacing_um) + 1)
    return SLOWER.get(ending, 1) * cells * len(run.genes) / CELL_VALUES_S


@dataclass(frozen=True)
class _Prepared:
    """A file that was prepared, and what was asked for then."""

    asked_for: str
    path: Path


def take(run: Run, what: str, name: str, ending: str, write: Callable[[Path], None], *,
         chosen_genes: Sequence[str] | None = None, settings: Sequence[object] = ()) -> None:
    """One step, for a file that is quick: it is written when the button is clicked. Arguments as of `offer`."""
    del settings  # it can't be out of date
    empty, folder = chosen_genes is not None and not chosen_genes, _folder()
    with _row(what, AT_ONCE):
        st.download_button(f"Download (**{ending}**)", lambda: made(write, folder, ending),
                           file_name(run, name, ending), "application/octet-stream", icon=":material/download:",
                           on_click="ignore", key=f"get_{what}", disabled=empty,
                           help="Choose a gene first." if empty else None)


@contextlib.contextmanager
def _row(what: str, words: str) -> Iterator[None]:
    """A button, and beside it what a click does."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"row_{what}"):
        yield
        st.caption(words, width="content")


def made(write: Callable[[Path], None], folder: Path, ending: str) -> bytes:
    """What a file holds once it is written."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        path = Path(place) / f"file{ending}"
        write(path)
        return path.read_bytes()


def offer(run: Run, what: str, name: str, ending: str, write: Callable[[Path], None], *,  # noqa: PLR0913
          seconds: float, chosen_genes: Sequence[str] | None = None, settings: Sequence[object] = ()) -> None:
    """Two steps, for a file that takes its time: prepare it, then take it.

    Parameters
    ----------
    what, name, ending : which export, and what its file is called
    write : called with the path to write to
    seconds : that it takes
    chosen_genes : of an export that needs some; nothing can be prepared where there are none
    settings : what else the file depends on; like another name or ending, another one asks for a new preparation
    """
    wanted = hashlib.sha256(repr((run.id, name, ending, chosen_genes, settings)).encode()).hexdigest()
    ready: _Prepared | None = state.get(state.EXPORT + what)
    empty = chosen_genes is not None and not chosen_genes
    with _row(what, f"Takes about {duration(max(seconds, LEAST_S))}, then you can download it."):
        asked = st.button("Prepare", icon=":material/build:", key=f"prepare_{what}", disabled=empty,
                          help="Choose a gene first." if empty else None)
    if asked:
        path = _folder() / f"{what}{ending}"
        with widgets.shows_input_errors(), st.spinner("Preparing the file", show_time=True):
            write(path)
            ready = _Prepared(wanted, path)
            state.put(state.EXPORT + what, ready)
    if ready and ready.asked_for == wanted and ready.path.is_file():
        size = ready.path.stat().st_size / 1e6
        st.download_button(f"Download {name}{ending} ({plain(size, 2)} MB)", ready.path.read_bytes,
                           file_name(run, name, ending), "application/octet-stream", icon=":material/download:",
                           on_click="ignore", type="primary", key=f"get_{what}")


def _folder() -> Path:
    folder = workspace.folder() / "exports" / visitor.visitor_hash()[:32]
    folder.mkdir(parents=True, exist_ok=True)
    return folder
