"""Surfaces for other programs: VTP (µm, ParaView), STL (µm, printing), GLB (metres, any 3D viewer)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from isost_core.errors import InputError
from isost_core.figures.colours import channels, gene_colour
from isost_core.figures.surfaces import ColouredSurface
from isost_core.genes import find_genes
from isost_core.reconstruction.interpolation import sample
from isost_core.reconstruction.isosurfaces import isosurface, level_of_percentile, opening_percentile
from isost_core.reconstruction.volume import make_volume

if TYPE_CHECKING:
    from isost_core.runs.run import Run

MESH_TYPES = (".vtp", ".stl", ".glb")
METRES_PER_UM = 1e-6


def write_surfaces(surfaces: Sequence[ColouredSurface], path: str | Path) -> None:
    """Write surfaces in the format that the file name ends with.

    vtp: µm, point data `surface` (number) and, where it is there, `known`; stl: µm, all in one; glb: metres, as glTF
    has it, one named node for each, its own colour. Axes are x, y, depth throughout.
    """
    shown = [surface for surface in surfaces if len(surface.faces)]
    if not shown:
        raise InputError("There is no surface to write, because no place in the tissue reaches the level. Choose a "
                         "lower level.")
    write = {".vtp": _vtk, ".stl": _vtk, ".glb": _glb}.get(Path(path).suffix.lower())
    if write is None:
        raise InputError(f"Surfaces are written as {', '.join(MESH_TYPES)}, but '{Path(path).name}' is none of these. "
                         "Choose another ending.")
    write(shown, path)


def surface_of(run: Run, gene: str, percentile: float | None = None) -> ColouredSurface:
    """Surface of a gene at a percentile of its values in the tissue (None: where the app opens it), with its known
    share."""
    gene = run.genes[find_genes([gene], run.genes)[0]]
    percentile = opening_percentile(run, gene) if percentile is None else percentile
    level = float(level_of_percentile(make_volume(run, [gene]), gene, percentile))
    vertices, faces = isosurface(run, gene, level)
    known = sample(run, gene, vertices)[2] if len(faces) else None
    return ColouredSurface(gene, vertices, faces, level, known, colour=gene_colour(gene), opacity=1.0)


def _vtk(surfaces: Sequence[ColouredSurface], path: str | Path) -> None:
    import pyvista as pv

    parts = []
    for number, surface in enumerate(surfaces):
        mesh = pv.PolyData.from_regular_faces(np.asarray(surface.vertices, np.float32), surface.faces)
        mesh.point_data["surface"] = np.full(mesh.n_points, number, np.int32)
        if all(one.known is not None for one in surfaces):
            mesh.point_data["known"] = np.asarray(surface.known, np.float32)
        parts.append(mesh)
    made = parts[0] if len(parts) == 1 else pv.merge(parts, merge_points=False)
    made.field_data["names"] = [surface.name for surface in surfaces]
    made.field_data["levels_log1p"] = [np.nan if s.level is None else s.level for s in surfaces]
    made.extract_surface().save(str(path)) if not isinstance(made, pv.PolyData) else made.save(str(path))


def _glb(surfaces: Sequence[ColouredSurface], path: str | Path) -> None:
    import trimesh
    from trimesh.visual import TextureVisuals
    from trimesh.visual.material import PBRMaterial

    scene = trimesh.Scene(metadata={"unit": "metre", "axes": "x, y, depth", "values": "predicted"})
    for surface in surfaces:
        colour = [*channels(surface.colour), round(255 * surface.opacity)]
        material = PBRMaterial(name=surface.name, baseColorFactor=colour, roughnessFactor=0.6, metallicFactor=0.0,
                               doubleSided=True, alphaMode="OPAQUE" if surface.opacity >= 1 else "BLEND")
        mesh = trimesh.Trimesh(np.asarray(surface.vertices, float) * METRES_PER_UM, surface.faces, process=False)
        mesh.visual = TextureVisuals(material=material)
        scene.add_geometry(mesh, node_name=surface.name, geom_name=surface.name)
    Path(path).write_bytes(cast("bytes", scene.export(file_type="glb")))
