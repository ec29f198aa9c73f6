"""Joining the sections of all files into one stack: shared genes, values, hold-out."""

import hashlib

import numpy as np

from isost_core import keys
from isost_core.errors import InputError
from isost_core.files import sha256
from isost_core.readers.layout import coordinates_key, find_pieces, resolve, scales
from isost_core.readers.options import Scan, SectionInfo
from isost_core.sections.expression import check_values, to_log1p
from isost_core.sections.images import placed, to_text
from isost_core.sections.spacing import neighbour_distances
from isost_core.sections.stack import MIN_CELLS, Sections, unique_names


def scan_headers(headers, options):
    """What was understood of the files, before their values are read."""
    pieces, headers = _kept(find_pieces(headers, options), headers, ())
    key = coordinates_key(headers, options)
    shared, dropped = shared_genes(headers)
    rows = [_info(p, s) for p, s in zip(pieces, scales(pieces, key, options), strict=True)]
    notes = [n for h in headers for n in h.notes] + _notes(pieces, headers, key, dropped)
    notes += [f"Section '{r.name}' has {r.n_cells} cells; at least {MIN_CELLS} are needed." for r in rows
              if r.n_cells < MIN_CELLS]
    return Scan(sections=tuple(rows), n_shared_genes=len(shared), dropped_genes=tuple(dropped),
                coordinates_key=key, section_key=pieces[0].section_key, notes=tuple(notes))


def _info(piece, scale):
    depth = None if piece.depth is None or not np.isfinite(piece.depth).all() else float(piece.depth.mean())
    return SectionInfo(name=piece.name, file=piece.header.file, n_cells=len(piece.rows),
                       n_genes=len(piece.header.genes), unit="unknown" if scale is None else "µm",
                       um_per_unit=scale, depth_um=depth, depth_source=piece.depth_source,
                       kind=piece.header.kind, has_image=_image_of(piece) is not None)


def join(headers, options):
    """The stack of all sections that are not held out, as Sections."""
    pieces, headers = _kept(find_pieces(headers, options), headers, options.hold_out)
    _check_enough(pieces, options.hold_out)
    genes, dropped = shared_genes(headers)
    key = coordinates_key(headers, options)
    units = dict(zip([p.name for p in pieces], _known_scales(pieces, key, options), strict=True))
    pieces = _by_depth(pieces)
    positions = np.vstack([p.header.coordinates[key][p.rows, :2] * units[p.name] for p in pieces])
    _check_numbers(pieces, positions)
    cells = _cells(pieces, genes, _values(pieces, headers, genes, options), positions)
    notes = [n for h in headers for n in h.notes] + _notes(pieces, headers, key, dropped)
    notes += _value_notes(headers, options) + _attach_images(cells, pieces)
    hashes = {h.file: _fingerprint(h) for h in headers}
    return Sections.from_log1p(cells, options.normalize, key, hashes, notes)


def _attach_images(cells, pieces):
    """Put the sections' images into `cells`; returns notes of those left out."""

    images, lost, end = {}, [], 0
    for p in pieces:
        start, end = end, end + len(p.rows)
        found = _image_of(p)
        if found is None:
            continue
        xy = cells.obsm[keys.SPATIAL][start:end]
        image = placed(found, p.rows, xy, float(np.median(neighbour_distances(xy))))
        if image is None:
            lost.append(p.name)
        else:
            images[p.name] = image
    if images:
        cells.uns[keys.IMAGES] = to_text(images)
    return [f"The image of {', '.join(lost)} was left out: it cannot be read, or its pixels do not match the "
            "positions."] if lost else []


def _image_of(piece):
    return piece.header.images.get(piece.name, piece.header.images.get(None))


def _kept(pieces, headers, hold_out):
    """Pieces less the held-out ones, and the files that are still needed, in the order they were given."""
    gone = set(resolve(hold_out, pieces, "Held-out section"))
    pieces = [p for i, p in enumerate(pieces) if i not in gone]
    used = {id(p.header) for p in pieces}
    return pieces, [h for h in headers if id(h) in used]


def _check_enough(pieces, hold_out):
    if len(pieces) < 2:
        left = f"only '{pieces[0].name}'" if pieces else "none"
        after = f" after holding out {', '.join(hold_out)}" if hold_out else ""
        raise InputError(f"A reconstruction needs at least two sections, found {left}{after}. Add the "
                         "neighbouring sections, or name the column that tells the sections of a file apart.")
    for p in pieces:
        if len(p.rows) < MIN_CELLS:
            raise InputError(f"{p.where}: has {len(p.rows)} cells; at least {MIN_CELLS} are needed in a section. "
                             "Leave this section out, or check that the file is complete.")


def shared_genes(headers):
    """Genes of the first file that every other file has too, and all genes that some file lacks."""
    common = set.intersection(*(set(h.genes) for h in headers))
    if not common:
        example = "; ".join(f"{h.file} has {', '.join(h.genes[:3])}" for h in headers[:2])
        raise InputError(f"The files share no genes ({example}). Use the same kind of gene name in all of them.")
    kept = [g for g in headers[0].genes if g in common]
    return kept, list(dict.fromkeys(g for h in headers for g in h.genes if g not in common))


def _known_scales(pieces, key, options):
    found = scales(pieces, key, options)
    unknown = [p for p, s in zip(pieces, found, strict=True) if s is None]
    if unknown:
        named = ", ".join(p.name for p in unknown[:8])
        raise InputError(f"The unit of x and y is not known for: {named}. Give the µm per unit (1 if the "
                         f"coordinates are in µm). Only files with obs['{keys.SECTION}'], obs['{keys.Z_UM}'] and "
                         f"obsm['{keys.SPATIAL}'] are taken to be in µm.")
    return found


def _by_depth(pieces):
    unknown = [p for p in pieces if p.depth is None]
    if unknown:
        third = [k for k, v in unknown[0].header.coordinates.items() if v.shape[1] == 3]
        hint = f" obsm['{third[0]}'] has a third column: to use it, name it as the depth key." if third else ""
        raise InputError(f"{unknown[0].where}: has no depth. Give the depth of each section in µm, one gap for "
                         f"all, or a column '{keys.Z_UM}'.{hint}")
    return sorted(pieces, key=lambda p: p.depth.mean())


def _check_numbers(pieces, positions):
    start = 0
    for p in pieces:
        bad = int((~np.isfinite(positions[start:start + len(p.rows)]).all(axis=1)).sum())
        start += len(p.rows)
        if bad:
            raise InputError(f"{p.where}: {bad} of {len(p.rows)} cells have no position (x or y is missing or "
                             "infinite). Remove these cells or correct their coordinates.")
        bad = int((~np.isfinite(p.depth)).sum())
        if bad:
            raise InputError(f"{p.where}: {bad} of {len(p.rows)} cells have no depth in {p.depth_source}. Fill "
                             "it, or give the depth of each section in µm.")


def _values(pieces, headers, genes, options):
    """(cells, genes) log1p values of all pieces in their order; at most about twice the matrix in memory."""
    import scipy.sparse as sp

    blocks = {}
    for h in headers:
        mine = [p for p in pieces if p.header is h]
        already = options.normalize == "none" or (options.normalize == "auto" and h.is_log1p)
        x = _loaded(h, genes)
        if len(headers) == 1 and np.array_equal(np.concatenate([p.rows for p in mine]), np.arange(x.shape[0])):
            for p in mine:
                check_values(x[p.rows[0]:p.rows[-1] + 1], genes, p.where)
            return to_log1p(x, already, copy=False)
        for p in mine:
            block = x if len(p.rows) == x.shape[0] else x[p.rows]
            check_values(block, genes, p.where)
            blocks[p.name] = to_log1p(block, already, copy=False)
        del x, block
    ordered = [blocks.pop(p.name) for p in pieces]
    if any(sp.issparse(b) for b in ordered):
        return sp.vstack(ordered, format="csr", dtype=np.float32)
    return np.vstack(ordered)


def _loaded(header, genes):
    """The matrix of one file with the columns of `genes`, in their order."""
    x = header.load()
    place = {g: j for j, g in enumerate(header.genes)}
    columns = [place[g] for g in genes]
    return x if columns == list(range(len(header.genes))) else x[:, columns]


def _value_notes(headers, options):
    if options.normalize == "none":
        return ["Values were taken as stored: they are said to be log1p already."]
    logged = [h.file for h in headers if h.is_log1p]
    if options.normalize == "log1p":
        again = f" {', '.join(logged)} says that its values are log1p already." if logged else ""
        return [f"log1p of the stored values was taken.{again}"]
    if not logged:
        return ["log1p of the stored values was taken."]
    rest = [h.file for h in headers if not h.is_log1p]
    note = f"Values of {', '.join(logged)} were taken as stored: uns['log1p'] says they are log1p already."
    return [note + (f" log1p was taken of {', '.join(rest)}." if rest else "")]


def _cells(pieces, genes, x, positions):
    import anndata
    import pandas as pd

    tables = []
    for p in pieces:
        table = p.header.obs.iloc[p.rows].copy()
        table[keys.SECTION] = p.name
        table[keys.DEPTH] = p.depth
        tables.append(table)
    obs = pd.concat(tables)
    for column in obs.columns:
        if obs[column].dtype.kind not in "fiub":
            text = obs[column].astype(object)
            obs[column] = pd.Categorical(text.where(text.isna(), text.astype(str)))
    obs.index = unique_names(obs.index.astype(str), obs[keys.SECTION].astype(str))
    other = {gene: name for p in reversed(pieces) for gene, name in p.header.other_names.items()}
    var = pd.DataFrame({keys.OTHER_NAME: [other.get(gene, "") for gene in genes]}, index=pd.Index(genes))
    cells = anndata.AnnData(x, obs=obs, var=var, obsm={keys.SPATIAL: positions})
    phantom = next((p.header.phantom for p in pieces if p.header.phantom), None)
    if phantom:
        cells.uns[keys.PHANTOM] = phantom
    return cells


def _notes(pieces, headers, key, dropped):
    """What the user should know about how the files were understood."""
    notes = []
    if dropped:
        named = ", ".join(dropped[:10]) + (", ..." if len(dropped) > 10 else "")
        notes.append(f"{len(dropped)} genes are not in every file and were left out: {named}.")
    if key not in (keys.SPATIAL, keys.ALIGNED):
        notes.append(f"Positions were read from '{key}'.")
    for h in headers:
        if h.coordinates[key].shape[1] == 3 and not any("third" in p.depth_source for p in pieces):
            notes.append(f"{h.file}: the third column of '{key}' was not used as depth.")
    return notes


def _fingerprint(header):
    """Hex SHA-256 of a file; of a folder, that of the names and contents of what was read of it."""
    if not header.path.is_dir():
        return sha256(header.path)
    files = header.sources or sorted(p for p in header.path.rglob("*") if p.is_file())
    lines = "".join(f"{p.relative_to(header.path).as_posix()} {sha256(p)}\n" for p in files)
    return hashlib.sha256(lines.encode()).hexdigest()
