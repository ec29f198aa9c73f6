"""A stack with histology images: a red mark around three cells of a section, which alone express a gene, `Mark`.

Where the marks lie is known in the common frame (`MARKS`); each section was turned, mirrored and shifted on its slide,
and its image once more, so that only the right chain of maps brings a mark around its cell.
"""

import numpy as np

from isost_core.registration.alignment import Alignment

NAMES, GAP_UM, MARK_UM = ("S1", "S2", "S3"), 60.0, 36.0
MARKS = np.array([[-100.0, -80.0], [120.0, -80.0], [-60.0, 140.0]])  # µm, not their own mirror image
RED, GROUND = (230, 20, 20), (70, 70, 150)
SIZE, UM_PER_PIXEL = (620, 540), 1.25


def pose(angle, mirror, shift):
    """(3, 3): mirrored, turned by an angle (degrees), then shifted (µm)."""
    a, made = np.radians(angle), np.eye(3)
    made[:2, :2] = np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]]) @ np.diag([-1.0 if mirror else 1.0, 1])
    made[:2, 2] = shift
    return made


SLIDES = {"S1": pose(0, False, (0, 0)), "S2": pose(140, True, (80, -45)), "S3": pose(-25, False, (-60, 70))}
IMAGES = {"S2": pose(65, False, (410, 350)), "S3": pose(-90, True, (370, 330))}  # of the slide; S1 has none


def moved(xy, matrix):
    return np.asarray(xy) @ matrix[:2, :2].T + matrix[:2, 2]


def alignment():
    """What brings the sections from their slides into the common frame."""
    return Alignment(NAMES, np.stack([np.linalg.inv(SLIDES[name]) for name in NAMES]))


def picture(name):
    """(rows, columns, 3) uint8: the image of a section."""
    from PIL import Image, ImageDraw

    made = Image.new("RGB", SIZE, GROUND)
    pen, reach = ImageDraw.Draw(made), MARK_UM / UM_PER_PIXEL
    for x, y in moved(moved(MARKS, SLIDES[name]), IMAGES[name]) / UM_PER_PIXEL:
        pen.ellipse((x - reach, y - reach, x + reach, y + reach), fill=RED)
    return np.array(made)


def write(path):
    """The stack as one AnnData file."""
    import anndata

    rng, parts, grid = np.random.default_rng(0), [], np.arange(-200.0, 201.0, 20.0)
    for k, name in enumerate(NAMES):
        xy = np.stack(np.meshgrid(grid, grid), -1).reshape(-1, 2)
        xy = xy[np.linalg.norm(xy, axis=1) < 200]
        marked = (np.abs(xy[:, None] - MARKS).max(2) < 1e-6).any(1)
        usual = 4 + 3 * np.stack([np.sin(xy[:, 0] / 60 + g) * np.cos(xy[:, 1] / 80 - g) for g in range(6)], 1)
        values = np.column_stack([rng.poisson(usual), 400 * marked]).astype(np.float32)
        slide = moved(xy, SLIDES[name])
        made = anndata.AnnData(values, obsm={"spatial": slide})
        made.obsm["spatial_pixel"] = moved(slide, IMAGES.get(name, np.eye(3))) / UM_PER_PIXEL
        made.obs["section"], made.obs["z_um"] = name, GAP_UM * k
        made.var_names = [*(f"G{g}" for g in range(6)), "Mark"]
        parts.append(made)
    cells = anndata.concat(parts, index_unique="-")
    cells.uns["spatial"] = {name: {"images": {"lowres": picture(name)}, "scalefactors": {"tissue_lowres_scalef": 1.0}}
                            for name in IMAGES}
    cells.write_h5ad(path)
    return path


def read(folder):
    """The stack in its slides' frame."""
    from isost_core.readers import ReadOptions, read_sections

    return read_sections([write(folder / "pictured.h5ad")], ReadOptions())


def registered(folder):
    """The stack in the common frame."""
    from isost_core.registration.stackwise import apply_alignment

    return apply_alignment(read(folder), alignment())
