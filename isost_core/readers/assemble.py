"""Following the plan of a stack: values, cells, images and hashes of all files as Sections."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from isost_core import keys
from isost_core.errors import InputError
from isost_core.files import sha256
from isost_core.readers.header import Header
from isost_core.readers.options import ReadOptions, Scan
from isost_core.readers.piece import Piece
from isost_core.readers.stack_plan import StackPlan, plan_of_all, plan_to_read
from isost_core.sections.expression import check_values, to_log1p
from isost_core.sections.images import placed, to_text
from isost_core.sections.spacing import neighbour_distances
from isost_core.sections.stack import MIN_CELLS, Sections, unique_names

if TYPE_CHECKING:
    from anndata import AnnData
    from scipy.sparse import csr_matrix

    from isost_core.readers.header import Matrix


def scan_headers(headers: Sequence[Header], options: ReadOptions) -> Scan:
    """What was understood of the files, before their values are read."""
    plan = plan_of_all(headers, options)
    rows = plan.sections()
    notes = plan.notes() + [f"Section '{r.name}' has {r.n_cells} cells; at least {MIN_CELLS} are needed." for r in rows
                            if r.n_cells < MIN_CELLS]
    return Scan(sections=rows, n_shared_genes=len(plan.genes), dropped_genes=plan.dropped, coordinates_key=plan.key,
                section_key=plan.pieces[0].section_key, notes=tuple(notes), order_from=plan.order_from)


def join(headers: Sequence[Header], options: ReadOptions) -> Sections:
    """The stack of all sections that are not held out, as Sections."""
    plan = plan_to_read(headers, options)
    positions = [p.header.coordinates[plan.key][p.rows, :2] * p.um_per_unit for p in plan.pieces]
    for piece, xy in zip(plan.pieces, positions, strict=True):
        _check_numbers(piece, xy)
    cells = _cells(plan, _values(plan, options.normalize), np.vstack(positions))
    notes = plan.notes() + _value_notes(plan.headers, options.normalize) + _attach_images(cells, plan.pieces)
    hashes = {h.file: _fingerprint(h) for h in plan.headers}
    return Sections.from_log1p(cells, options.normalize, plan.key, hashes, notes)


def _attach_images(cells: AnnData, pieces: Sequence[Piece]) -> list[str]:
    """Put the sections' images into `cells`; returns notes of those left out."""
    images, lost, end = {}, [], 0
    for p in pieces:
        start, end = end, end + len(p.rows)
        if p.image is None:
            continue
        xy = np.asarray(cells.obsm[keys.SPATIAL])[start:end]
        image = placed(p.image, p.rows, xy, float(np.median(neighbour_distances(xy))))
        if image is None:
            lost.append(p.name)
        else:
            images[p.name] = image
    if images:
        cells.uns[keys.IMAGES] = to_text(images)
    return [f"The image of {', '.join(lost)} was left out. It cannot be read, or its pixels do not match the "
            "positions."] if lost else []


def _check_numbers(piece: Piece, positions: np.ndarray) -> None:
    bad = int((~np.isfinite(positions).all(axis=1)).sum())
    if bad:
        raise InputError(f"{piece.where}: {bad} of {len(piece.rows)} cells have no position (x or y is missing or "
                         "infinite). Remove these cells or correct their coordinates.")
    bad = 0 if piece.depth is None else int((~np.isfinite(piece.depth)).sum())
    if bad:
        raise InputError(f"{piece.where}: {bad} of {len(piece.rows)} cells have no depth in {piece.depth_source}. Fill "
                         "it in, or give the depth of each section in µm.")


def _values(plan: StackPlan, normalize: str) -> Matrix:
    """(cells, genes) log1p values of all pieces in their order; at most about twice the matrix in memory."""
    import scipy.sparse as sp

    blocks: dict[str, Matrix] = {}
    for h in plan.headers:
        mine = [p for p in plan.pieces if p.header is h]
        already = normalize == "none" or (normalize == "auto" and h.is_log1p)
        x = _loaded(h, plan.genes)
        if len(plan.headers) == 1 and np.array_equal(np.concatenate([p.rows for p in mine]), np.arange(len(h.obs))):
            for p in mine:
                check_values(x[p.rows[0]:p.rows[-1] + 1], plan.genes, p.where)
            return to_log1p(x, already, copy=False)
        blocks |= {p.name: _block(x, p, plan.genes, already) for p in mine}
        del x
    ordered = [blocks.pop(p.name) for p in plan.pieces]
    if any(sp.issparse(b) for b in ordered):
        return cast("csr_matrix", sp.vstack(ordered, format="csr", dtype=np.float32))
    return np.vstack(cast("list[np.ndarray]", ordered))


def _block(x: Matrix, piece: Piece, genes: Sequence[str], already: bool) -> Matrix:
    """The log1p values of one section of a file."""
    block = x if len(piece.rows) == len(piece.header.obs) else x[piece.rows]
    check_values(block, genes, piece.where)
    return to_log1p(block, already, copy=False)


def _loaded(header: Header, genes: Sequence[str]) -> Matrix:
    """The matrix of one file with the columns of `genes`, in their order."""
    x = header.load()
    place = {g: j for j, g in enumerate(header.genes)}
    columns = [place[g] for g in genes]
    return x if columns == list(range(len(header.genes))) else x[:, columns]


def _value_notes(headers: Sequence[Header], normalize: str) -> list[str]:
    if normalize == "none":
        return ["Values were not changed, because you said that they are log1p already."]
    logged = [h.file for h in headers if h.is_log1p]
    if normalize == "log1p":
        again = f" {', '.join(logged)} says that its values are log1p already." if logged else ""
        return [f"Values were changed to log1p.{again}"]
    if not logged:
        return ["log1p of the stored values was taken."]
    rest = [h.file for h in headers if not h.is_log1p]
    note = f"Values of {', '.join(logged)} were not changed, because uns['log1p'] says they are log1p already."
    return [note + (f" Values of {', '.join(rest)} were changed to log1p." if rest else "")]


def _cells(plan: StackPlan, x: Matrix, positions: np.ndarray) -> AnnData:
    import anndata
    import pandas as pd

    tables = []
    for p in plan.pieces:
        table = p.header.obs.iloc[p.rows].copy()
        table[keys.SECTION] = p.name
        table[keys.DEPTH] = p.depth
        tables.append(table)
    obs = pd.concat(tables)
    for column in obs.columns:
        if obs[column].dtype.kind not in "fiub":
            text = obs[column].astype(object)
            obs[column] = pd.Categorical(text.where(text.isna(), text.astype(str)))
    names: Any = obs[keys.SECTION]
    obs.index = unique_names(obs.index.astype(str), names.astype(str))
    other = {gene: name for p in reversed(plan.pieces) for gene, name in p.header.other_names.items()}
    var = pd.DataFrame({keys.OTHER_NAME: [other.get(gene, "") for gene in plan.genes]}, index=pd.Index(plan.genes))
    obsm: Any = {keys.SPATIAL: positions}
    cells = anndata.AnnData(x, obs=obs, var=var, obsm=obsm)
    phantom = next((p.header.phantom for p in plan.pieces if p.header.phantom), None)
    if phantom:
        cells.uns[keys.PHANTOM] = phantom
    if plan.dropped:
        cells.uns[keys.DROPPED_GENES] = len(plan.dropped)
    return cells


def _fingerprint(header: Header) -> str:
    """Hex SHA-256 of a file; of a folder, that of the names and contents of what was read of it."""
    if not header.path.is_dir():
        return sha256(header.path)
    files = header.sources or sorted(p for p in header.path.rglob("*") if p.is_file())
    lines = "".join(f"{p.relative_to(header.path).as_posix()} {sha256(p)}\n" for p in files)
    return hashlib.sha256(lines.encode()).hexdigest()
