"""The two pictures of the start page, drawn from the finished demo: what was measured, and what is predicted from it.

    make demo
    python benchmarks/start_pictures.py workspace/demo

Writes ui/pictures/measured.webp and ui/pictures/predicted.webp.
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image

from isost_core.export.surfaces import surface_of
from isost_core.figures.colours import channels, gene_colours
from isost_core.figures.lit_scene import LitScene, build_plotter
from isost_core.figures.surfaces import ColouredSurface
from isost_core.reconstruction.isosurfaces import tissue_surface
from isost_core.runs.store import load_run
from isost_core.sections.expression import dense

GENES = ("Mbp", "Gad1", "Cbln1")
HIGHEST = 0.07  # share of the cells that is coloured by a gene
PERCENTILE = 92  # of the tissue that lies below a surface
DEPTH_SCALE = 6.0  # the stack is thin; the page says so
WAY_UP = np.array([1.0, -1.0, -1.0])  # y and depth downwards, as the Explorer opens
WINDOW, ZOOM = (560, 420), 1.2
PICTURES = Path(__file__).parents[1] / "ui" / "pictures"
REST = (72, 82, 96)  # of cells that are high in none of the genes
SIZES = (3.0, 6.5)  # of those, and of the coloured ones


def measured(run):
    """Every measured cell in its place, in the colour of the gene that it is among the highest of."""
    import pyvista as pv

    colours = np.tile(np.array(REST, np.uint8), (len(run.measured_xyz), 1))
    high = np.zeros(len(colours), bool)
    for gene, colour in gene_colours(GENES).items():
        values = dense(run.sections.cells[:, gene].X).ravel()
        chosen = values >= np.quantile(values, 1 - HIGHEST)
        colours[chosen], high = channels(colour), high | chosen
    plotter = build_plotter(LitScene(tissue=tissue(run), depth_scale=DEPTH_SCALE, window=WINDOW))
    plotter.remove_actor(list(plotter.actors)[0])
    for some, size in zip((~high, high), SIZES, strict=True):
        cloud = pv.PolyData((run.measured_xyz[some] * WAY_UP * [1, 1, DEPTH_SCALE]).astype(np.float32))
        cloud.point_data["colour"] = colours[some]
        plotter.add_mesh(cloud, scalars="colour", rgb=True, point_size=size, lighting=False,
                         render_points_as_spheres=True)
    return plotter


def predicted(run):
    """Surfaces of the genes in the tissue between the sections."""
    colours = gene_colours(GENES)
    surfaces = [surface_of(run, gene, PERCENTILE) for gene in GENES]
    drawn = tuple(ColouredSurface(one.name, one.vertices * WAY_UP, one.faces, one.level, colour=colours[one.name],
                                  opacity=1.0) for one in surfaces)
    return build_plotter(LitScene(drawn, tissue(run), depth_scale=DEPTH_SCALE, window=WINDOW))


def tissue(run):
    """The outline of the tissue; both pictures are framed by it."""
    vertices, faces = tissue_surface(run)
    return ColouredSurface("tissue", vertices * WAY_UP, faces, 0.0, opacity=0.12)


def draw(plotter, path):
    """Write a small picture, without axes."""
    plotter.remove_bounds_axes()
    plotter.camera.zoom(ZOOM)
    plotter.camera.SetWindowCenter(0, -0.1)
    pixels = plotter.screenshot(None, return_img=True, scale=2)
    Image.fromarray(pixels).save(path, quality=62, method=6)
    print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    demo = load_run(Path(sys.argv[1]))
    PICTURES.mkdir(exist_ok=True)
    draw(measured(demo), PICTURES / "measured.webp")
    draw(predicted(demo), PICTURES / "predicted.webp")
