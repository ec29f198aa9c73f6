"""Histology images of sections: where their pixels lie in the stack, and their files beside it.

Sections keep them as JSON in `uns['images']`: {section: {path, inner, matrix}}. A run has copies in the folder `images`
beside its sections.
"""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from isost_core import keys

if TYPE_CHECKING:
    import h5py

    from isost_core.sections.stack import Sections

FOLDER = "images"
MOST_BYTES = 400_000_000
MISFIT = 0.5  # cell spacings by which spots may lie beside their pixels, root mean square


@dataclass(frozen=True)
class FoundImage:
    """An image that came with cells: its file, the dataset in it where that is HDF5 (else ''), and the pixels (n, 2),
    column and row, at which the n cells of the file lie, NaN where not known."""

    path: Path
    inner: str
    pixels: np.ndarray


@dataclass(frozen=True)
class SectionImage:
    """An image of a section. matrix (2, 3): (x, y) um = matrix @ (column, row, 1) of a pixel."""

    path: Path
    inner: str
    matrix: np.ndarray

    @property
    def um_per_pixel(self) -> float:
        return float(np.sqrt(abs(np.linalg.det(self.matrix[:, :2]))))

    def um(self, pixels: np.ndarray) -> np.ndarray:
        """(n, 2) um of pixels (n, 2), column and row."""
        return np.asarray(pixels, float) @ self.matrix[:, :2].T + self.matrix[:, 2]

    def size(self) -> tuple[int, int]:
        """(width, height) in pixels; OSError where the file is not an image."""
        from PIL import Image

        if self.inner:
            with _dataset(self) as held:
                return held.shape[1], held.shape[0]
        try:
            with Image.open(self.path) as image:
                return image.size
        except (Image.DecompressionBombError, ValueError, SyntaxError) as error:
            raise OSError(str(error)) from error

    def small(self, most_px: int) -> tuple[np.ndarray, float]:
        """The picture (rows, columns, 3) uint8 with at most about twice so many pixels a side, and its pixels per pixel
        of the file; OSError where the file is not an image."""
        from PIL import Image

        width, height = self.size()
        try:
            if self.inner:
                with _dataset(self) as held:
                    step = max(max(width, height) // most_px, 1)
                    return np.array(Image.fromarray(_eight_bits(held[::step, ::step])).convert("RGB")), 1 / step
            with Image.open(self.path) as image:
                image.draft("RGB", (most_px, most_px))
                image.thumbnail((2 * most_px, 2 * most_px))
                made = np.array(image.convert("RGB"))
        except (Image.DecompressionBombError, ValueError, SyntaxError) as error:
            raise OSError(str(error)) from error
        return made, made.shape[1] / width


def placed(found: FoundImage, rows: np.ndarray, xy: np.ndarray, spacing_um: float) -> SectionImage | None:
    """SectionImage of cells (rows of the file, at xy (n, 2) um), or None where no affine map takes their pixels there
    or the file is not an image."""
    pixels = found.pixels[rows]
    known = np.isfinite(pixels).all(1) & np.isfinite(xy).all(1)
    if known.sum() < 4:
        return None
    given = np.column_stack([pixels[known], np.ones(known.sum())])
    matrix, _, rank, _ = np.linalg.lstsq(given, xy[known], rcond=None)
    off = np.sqrt(((given @ matrix - xy[known])**2).sum(1).mean())
    if rank < 3 or not off <= MISFIT * spacing_um:
        return None
    image = SectionImage(found.path, found.inner, matrix.T)
    try:
        width, height = image.size()
    except OSError:
        return None
    return image if 3 * width * height <= MOST_BYTES else None


def images_of(sections: Sections) -> dict[str, SectionImage]:
    """{section: SectionImage} of Sections, those whose file is still there."""
    held = json.loads(sections.cells.uns.get(keys.IMAGES, "{}"))
    made = {name: SectionImage(Path(one["path"]), one["inner"], np.array(one["matrix"])) for name, one in held.items()}
    return {name: image for name, image in made.items() if name in sections.names and image.path.is_file()}


def to_text(images: Mapping[str, SectionImage]) -> str:
    """What `uns['images']` holds of them."""
    return json.dumps({name: {"path": str(image.path), "inner": image.inner, "matrix": image.matrix.tolist()}
                       for name, image in images.items()})


def moved_along(images: Mapping[str, SectionImage], poses: Mapping[str, np.ndarray]) -> dict[str, SectionImage]:
    """The images in the common frame of an alignment, from the pose (3, 3) of each section; a smooth displacement does
    not bend them."""
    made = {}
    for name, image in images.items():
        pose = poses[name]
        matrix = np.column_stack([pose[:2, :2] @ image.matrix[:, :2],
                                  pose[:2, :2] @ image.matrix[:, 2] + pose[:2, 2]])
        made[name] = dataclasses.replace(image, matrix=matrix)
    return made


def stored(images: Mapping[str, SectionImage], beside: str | Path) -> dict[str, SectionImage]:
    """Copies of the images in a folder beside a file, as PNG or as they came; {section: SectionImage} of the copies."""
    made = {}
    for number, (name, image) in enumerate(images.items()):
        folder = Path(beside).parent / FOLDER
        folder.mkdir(exist_ok=True)
        safe = re.sub(r"[^A-Za-z0-9-]+", "_", name)[:60]
        goal = folder / f"{number:03d}_{safe}{'.png' if image.inner else image.path.suffix.lower()}"
        try:
            if image.inner:
                _write_png(image, goal)
            elif image.path != goal:
                shutil.copyfile(image.path, goal)
        except OSError:  # gone or damaged since it was found: the sections are worth keeping without it
            continue
        made[name] = dataclasses.replace(image, path=goal, inner="")
    return made


def _write_png(image: SectionImage, goal: Path) -> None:
    from PIL import Image

    with _dataset(image) as held:
        pixels = held[...]
    Image.fromarray(_eight_bits(pixels)).save(goal)


def _eight_bits(pixels: np.ndarray) -> np.ndarray:
    """Values from 0 to 1, or to 255, as uint8."""
    if pixels.dtype.kind == "f":
        pixels = np.nan_to_num(pixels) * (255 if pixels.size and np.nanmax(pixels) <= 1 else 1)
    return np.clip(pixels, 0, 255).astype(np.uint8)


class _dataset:
    """The dataset of an image kept in HDF5, opened; OSError where it is not one."""

    def __init__(self, image: SectionImage) -> None:
        self.image = image

    def __enter__(self) -> h5py.Dataset:
        import h5py

        self.file = h5py.File(self.image.path, "r")
        held = self.file.get(self.image.inner)
        if not isinstance(held, h5py.Dataset) or held.ndim != 3 or held.shape[2] not in (3, 4) or not is_picture(held):
            self.file.close()
            raise OSError(f"{self.image.inner} is not an image")
        return held

    def __exit__(self, *_: object) -> None:
        self.file.close()


def is_picture(dataset: h5py.Dataset) -> bool:
    """Whether a dataset can be an image that fits into memory."""
    return dataset.dtype.kind in "uf" and 0 < dataset.size * dataset.dtype.itemsize <= MOST_BYTES
