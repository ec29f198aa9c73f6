"""Following the plan of a stack: values, cells, images and hashes of all files as Sections."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from isost_core import keys
from isost_core.errors import InputError
from isost_core.files import sha256
from isost_core.readers import side_by_side
from isost_core.readers.header import Header
from isost_core.readers.left_out import with_counts
from isost_core.readers.options import ReadOptions, Scan
from isost_core.readers.piece import Piece
from isost_core.readers.stack_plan import StackPlan, plan_of_all, plan_to_read
from isost_core.sections.expression import as_float32, change_rows, check_values, has_values, only_zeros, to_log1p
from isost_core.sections.images import placed, to_text
from isost_core.sections.noun import called, of_all
from isost_core.sections.spacing import neighbour_distances
from isost_core.sections.stack import MIN_CELLS, Sections, unique_names
from isost_core.sections.totals import common_total, scale_rows, totals_of
from isost_core.sections.value_scale import MEDIAN, Scale, scale_of, settled
from isost_core.sections.value_words import words_of

if TYPE_CHECKING:
    from anndata import AnnData
    from scipy.sparse import csr_matrix

    from isost_core.readers.header import Matrix


def scan_headers(headers: Sequence[Header], options: ReadOptions) -> Scan:
    """What was understood of the files, before their values are read."""
    return _scan_of(plan_of_all(headers, options))


def _scan_of(plan: StackPlan) -> Scan:
    rows = plan.sections()
    notes = plan.notes() + [f"Section '{r.name}' has {r.n_cells} cells; at least {MIN_CELLS} are needed." for r in rows
                            if r.n_cells < MIN_CELLS]
    noun = of_all(row.noun for row in rows)
    notes = [called(note, noun) for note in notes]
    return Scan(sections=rows, n_shared_genes=len(plan.genes), dropped_genes=plan.dropped, coordinates_key=plan.key,
                section_key=plan.pieces[0].section_key, notes=tuple(notes), order_from=plan.order_from,
                order_doubt=plan.order_doubt,
                not_genes=tuple(dict.fromkeys(c for h in plan.headers for c in h.not_genes)),
                matrices={h.file: h.matrices for h in plan.headers if h.matrices},
                positions=tuple(key for key in plan.headers[0].coordinates
                                if all(key in h.coordinates for h in plan.headers)))


def join(headers: Sequence[Header], options: ReadOptions, on_plan: Callable[[Scan], object] | None = None) -> Sections:
    """The stack of all sections that are not held out, as Sections; `on_plan` is told of it before values are read."""
    plan = plan_to_read(headers, options)
    if on_plan:
        on_plan(_scan_of(plan))
    plan, x, value_notes = _values(plan, options)
    positions = [p.header.coordinates[plan.key][p.rows, :2] * p.um_per_unit for p in plan.pieces]
    cells = _cells(plan, x, np.vstack(positions))
    beside = side_by_side.note([p.name for p in plan.pieces], positions)
    notes = plan.notes() + value_notes + _attach_images(cells, plan.pieces) + [beside] * bool(beside)
    notes = [called(note, cells.uns[keys.NOUN]) for note in notes]
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


def _values(plan: StackPlan, options: ReadOptions) -> tuple[StackPlan, Matrix, list[str]]:
    """The plan less the cells without any counts, (cells, genes) log1p values of its pieces in their order, and notes
    on what the values were; at most about twice the matrix in memory."""
    import scipy.sparse as sp

    pieces = {p.name: p for p in plan.pieces}
    blocks: dict[str, Matrix] = {}
    found: dict[str, Scale] = {}
    totals: dict[str, np.ndarray] = {}
    whole: Matrix | None = None
    for h in plan.headers:
        x = _loaded(h, plan)
        counted = has_values(x)
        mine = [with_counts(p, plan.key, counted, len(plan.genes), options.keep_all_cells) for p in plan.pieces
                if p.header is h]
        in_order = np.array_equal(np.concatenate([p.rows for p in mine]), np.arange(len(h.obs)))
        whole = x if in_order and len(plan.headers) == 1 else None
        for p in mine:
            block = _rows(x, p, in_order)
            check_values(block, plan.genes, p.where, h.instead)
            found[p.name] = scale_of(block, options.normalize, h.flag, h.is_ours)
            totals[p.name] = totals_of(block)
            pieces[p.name] = p
            if whole is None:
                blocks[p.name] = block
            del block
        del x
    plan = replace(plan, pieces=tuple(pieces.values()))
    scales = _settled(plan, found)
    notes = _value_notes(plan, scales, options.normalize, totals)
    goal = common_total(np.concatenate([*totals.values()])) if options.normalize == MEDIAN else None
    if whole is not None:
        return plan, _whole_to_log1p(whole, plan, scales, totals, goal), notes
    ordered = [_block_to_log1p(blocks.pop(p.name), scales[p.name], totals[p.name], goal) for p in plan.pieces]
    if any(sp.issparse(b) for b in ordered):
        return plan, cast("csr_matrix", sp.vstack(ordered, format="csr", dtype=np.float32)), notes
    return plan, np.vstack(cast("list[np.ndarray]", ordered)), notes


def _rows(x: Matrix, piece: Piece, in_order: bool) -> Matrix:
    """The rows of a section; of a dense matrix without a copy where its sections follow each other."""
    if len(piece.rows) == len(piece.header.obs):
        return x
    return x[piece.rows[0]:piece.rows[-1] + 1] if in_order else x[piece.rows]


def _settled(plan: StackPlan, found: dict[str, Scale]) -> dict[str, Scale]:
    agreed = settled([found[p.name] for p in plan.pieces], [p.header.file for p in plan.pieces])
    return {p.name: scale for p, scale in zip(plan.pieces, agreed, strict=True)}


def _block_to_log1p(x: Matrix, scale: Scale, totals: np.ndarray, goal: float | None) -> Matrix:
    """The values of a section, brought to the total `goal` where there is one, then to log1p."""
    if goal is not None:
        x = as_float32(x)
        scale_rows(x, 0, len(totals), totals, goal)
    return to_log1p(x, scale.base, copy=False)


def _whole_to_log1p(x: Matrix, plan: StackPlan, scales: dict[str, Scale], totals: dict[str, np.ndarray],
                    goal: float | None) -> Matrix:
    """The values of a file whose sections follow each other, changed where they lie."""
    if goal is not None:
        x = as_float32(x)
        for p in plan.pieces:
            scale_rows(x, p.rows[0], p.rows[-1] + 1, totals[p.name], goal)
    bases = {scales[p.name].base for p in plan.pieces}
    if len(bases) == 1:
        return to_log1p(x, bases.pop(), copy=False)
    for p in plan.pieces:
        change_rows(x, p.rows[0], p.rows[-1] + 1, scales[p.name].base)
    return x


def _value_notes(plan: StackPlan, scales: dict[str, Scale], normalize: str,
                 totals: dict[str, np.ndarray]) -> list[str]:
    """What was made of the values, by file, or by section where those of a file differ."""
    said: dict[str, list[Scale]] = {}
    for p in plan.pieces:
        said.setdefault(p.header.file, []).append(scales[p.name])
    read = []
    for p in plan.pieces:
        one_way = len({(s.base, s.why) for s in said[p.header.file] if s.top}) < 2
        read.append((p.header.file if one_way else p.where, scales[p.name], p.header.flag))
    return words_of(read, normalize, {p.name: totals[p.name] for p in plan.pieces})


def _loaded(header: Header, plan: StackPlan) -> Matrix:
    """The matrix of one file with the columns of the plan's genes, in their order."""
    x = header.load()
    if only_zeros(x) and (len(plan.headers) == 1 or header.layers()):
        raise InputError(f"{header.file}: {header.layer} holds only zeros."
                         f"{header.instead() or ' Export it again with values.'}")
    place = {g: j for j, g in enumerate(header.genes)}
    columns = [place[g] for g in plan.genes]
    return x if columns == list(range(len(header.genes))) else x[:, columns]


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
    cells.uns[keys.NOUN] = of_all(plan.noun_of(p) for p in plan.pieces)
    cells.uns[keys.Y_DOWN] = all(p.header.y_down for p in plan.pieces)
    if plan.dropped:
        cells.uns[keys.DROPPED_GENES] = len(plan.dropped)
    return cells


def _fingerprint(header: Header) -> str:
    """Hex SHA-256 of a file; of a folder, that of the names and contents of what was read of it."""
    if header.path.is_file():
        return sha256(header.path)
    files = header.sources or sorted(p for p in header.path.rglob("*") if p.is_file())
    names = [p.relative_to(header.path).as_posix() if p.is_relative_to(header.path) else p.name for p in files]
    lines = "".join(f"{name} {sha256(p)}\n" for name, p in zip(names, files, strict=True))
    return hashlib.sha256(lines.encode()).hexdigest()
