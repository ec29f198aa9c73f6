"""The lit 3D scene.

A pyvista Plotter is not safe in every process: without libEGL it ends its process, so the lit scene is built only by
the child that `export_html` starts (`python -m isost_core.figures.lit_scene`).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

import numpy as np

from isost_core.axis import DEPTH, Axis
from isost_core.figures.colours import CANVAS, FAINT_ON_CANVAS, INK_ON_CANVAS, channels, faded
from isost_core.figures.style import nice_length
from isost_core.figures.surfaces import ColouredSurface
from isost_core.sections.noun import CELL

if TYPE_CHECKING:
    import pyvista as pv

MOST_POINTS = 15_000  # in 3D: more is an opaque blob
PICTURE_SCALE, PICTURE_DPI = 2, 300
CAMERAS = {  # direction from the tissue to the eye, and what points up: depth goes downwards
    "oblique": ((1.15, 1.75, -1.05), (0, 0, -1)),
    "top": ((0.0, 0.001, -2.3), (0, -1, 0)),
    "front": ((0.0, 2.3, -0.001), (0, 0, -1)),
    "side": ((2.3, 0.0, -0.001), (0, 0, -1)),
}


class SceneError(RuntimeError):
    """The lit scene cannot be drawn on this machine; the message says why in one line."""


@dataclass(frozen=True)
class LitScene:
    """What the lit scene shows. `points` (n, 3) µm with `point_colours` (n, 3) uint8 or None.

    eye : turn and rise (degrees) from where it is seen without perspective, and how near; instead of `camera`
    """

    surfaces: tuple[ColouredSurface, ...] = ()
    tissue: ColouredSurface | None = None
    points: np.ndarray | None = None
    point_colours: np.ndarray | None = None
    depth_scale: float = 1.0
    camera: str = "oblique"
    window: tuple[int, int] = (1100, 700)
    axis: Axis = DEPTH  # along which the sections are stacked
    eye: tuple[float, float, float] | None = None
    noun: str = CELL  # what a point is

    def legend(self) -> list[tuple[str, str]]:
        """(colour, words) of what is drawn."""
        entries = [(s.colour, f"{s.name} · predicted" + ("" if s.level is None else f" ≥ {s.level:.2f} (log1p)")
                    + ("" if s.known is None else " · grey: low resolved share"))
                   for s in self.surfaces if len(s.faces)]
        points = self.points is not None and len(self.points)
        return [*entries, (FAINT_ON_CANVAS, f"points: measured {self.noun}s")] if points else entries


def build_plotter(scene: LitScene) -> pv.Plotter:
    """The lit pyvista scene. Call it in a process of its own only: off-screen drawing may end its process."""
    import pyvista as pv

    stretch = np.array([1, 1, scene.depth_scale])
    plotter = pv.Plotter(off_screen=True, window_size=list(scene.window))
    plotter.set_background(_hex(CANVAS))  # pyright: ignore[reportArgumentType]
    tissue = [] if scene.tissue is None else [scene.tissue]
    for surface in [*scene.surfaces, *tissue]:
        if len(surface.faces) == 0:
            continue
        mesh = pv.PolyData.from_regular_faces(surface.vertices * stretch, surface.faces)
        colour: dict[str, Any] = {"color": _hex(surface.colour)}
        if surface.known is not None:
            mesh.point_data["colour"] = faded(surface.colour, surface.known)
            colour = {"scalars": "colour", "rgb": True}
        lit = mesh.compute_normals(cell_normals=False, split_vertices=False, auto_orient_normals=True)
        plotter.add_mesh(cast("pv.PolyData", lit), opacity=surface.opacity, smooth_shading=True, ambient=0.25,
                         diffuse=0.95, specular=0.4, specular_power=20, **colour)
    if scene.points is not None and len(scene.points):
        cloud = pv.PolyData(np.asarray(scene.points * stretch, np.float32))
        if scene.point_colours is None:
            plotter.add_mesh(cloud, color=_hex(FAINT_ON_CANVAS), point_size=3, lighting=False)
        else:
            cloud.point_data["colour"] = scene.point_colours
            plotter.add_mesh(cloud, scalars="colour", rgb=True, point_size=3, lighting=False)
    _add_axes(plotter, scene.depth_scale, scene.axis)
    _point_camera(plotter, scene)
    return plotter


def _add_axes(plotter: pv.Plotter, depth_scale: float, axis: Axis) -> None:
    """Box and axes. The browser labels an axis with the drawn coordinate, so a stretched depth says so."""
    depth = axis.label if depth_scale == 1 else f"{axis.name} × {depth_scale:g} ({axis.unit})"
    ticks = [round_ticks(low, high) for low, high in np.reshape(plotter.bounds, (3, 2))]
    axes = plotter.show_bounds(  # pyright: ignore[reportCallIssue]
        bounds=[end for at in ticks for end in (at[0], at[-1])], grid="back", location="outer", use_3d_text=True,
        color=_hex(FAINT_ON_CANVAS), xtitle="x (µm)", ytitle="y (µm)", ztitle=depth, n_xlabels=len(ticks[0]),
        n_ylabels=len(ticks[1]), n_zlabels=len(ticks[2]), fmt="%.0f", font_size=11)
    for number, at in enumerate(ticks):
        axes.SetAxisLabels(number, _labels(at))
    axes.SetScreenSize(4.5)  # of the text, which is of the 3D kind: flat text leaves out µ and ×
    axes.GetXAxesGridlinesProperty().SetColor(*(c / 255 for c in channels(INK_ON_CANVAS)))  # the browser's text
    lines = axes.GetXAxesLinesProperty()  # and its shading of all axes: none
    lines.SetLighting(False)
    lines.SetAmbient(1)
    lines.SetDiffuse(0)


def round_ticks(low: float, high: float) -> list[float]:
    """Ticks at 1, 2 or 5 times a power of ten that span an axis, about five of them and three at least."""
    nice = nice_length(high - low)
    step = nice * (2.5 if f"{nice:e}".startswith("2") else 2)  # the next of 1, 2, 5
    first, last = np.floor(low / step), max(np.ceil(high / step), np.floor(low / step) + 2)
    return [float(step * k) for k in np.arange(first, last + 1)]


def _labels(ticks: Sequence[float]) -> Any:
    """What stands beside ticks. Nothing at both ends: there the labels of two axes lie over each other."""
    from vtkmodules.vtkCommonCore import vtkStringArray

    labels = vtkStringArray()
    for text in ("", *(f"{tick:.0f}" for tick in ticks[1:-1]), ""):
        labels.InsertNextValue(text)
    return labels


def _add_legend(plotter: pv.Plotter, scene: LitScene) -> None:
    """The legend in the upper left corner, each entry in its colour: a picture to take away has no page around it."""
    for number, (colour, words) in enumerate(scene.legend()):
        plotter.add_text(words, position=(0.015, 0.955 - 0.04 * number), viewport=True, font_size=9,
                         color=_hex(colour))


def camera(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Direction from the tissue to the eye, and what points up, of one of CAMERAS."""
    direction, up = CAMERAS[name]
    return np.array(direction, float), np.array(up, float)


def from_angles(turn: float, rise: float) -> tuple[np.ndarray, np.ndarray]:
    """Direction from the tissue to the eye, and what points up: from where y is largest at 0, 0; degrees."""
    a, e = np.radians([turn, rise])
    return (np.array([np.cos(e) * np.sin(a), np.cos(e) * np.cos(a), -np.sin(e)]),
            np.array([-np.sin(e) * np.sin(a), -np.sin(e) * np.cos(a), -np.cos(e)]))


def _point_camera(plotter: pv.Plotter, scene: LitScene) -> None:
    direction, up = camera(scene.camera) if scene.eye is None else from_angles(*scene.eye[:2])
    bounds = np.array(plotter.bounds).reshape(3, 2)
    centre = bounds.mean(axis=1)
    plotter.camera_position = [tuple(centre + direction), tuple(centre), tuple(up)]
    if scene.eye is not None:
        plotter.enable_parallel_projection()  # pyright: ignore[reportCallIssue]
    plotter.reset_camera()  # pyright: ignore[reportCallIssue]
    if scene.eye is not None:
        plotter.camera.zoom(scene.eye[2])
    plotter.reset_camera_clipping_range()


def _hex(colour: str) -> str:
    return "#{:02x}{:02x}{:02x}".format(*channels(colour))


def export_html(scene: LitScene, timeout_s: float = 60) -> str:
    """Interactive HTML of the lit scene, built in a child process; SceneError when that fails or is late."""
    return _made(scene, "html", timeout_s).decode("utf-8")


def export_picture(scene: LitScene, timeout_s: float = 60) -> bytes:
    """PNG of the lit scene, PICTURE_SCALE pixels for one of its window, drawn in a child process as well."""
    return _made(scene, "png", timeout_s)


def _made(scene: LitScene, kind: Literal["html", "png"], timeout_s: float) -> bytes:
    with tempfile.TemporaryDirectory(prefix="isost-scene-") as folder:
        _save(scene, Path(folder) / "scene.npz")
        made = Path(folder) / f"scene.{kind}"
        _child(["--scene", str(Path(folder) / "scene.npz"), f"--{kind}", str(made)], timeout_s)
        if not made.is_file():
            raise SceneError("The lit scene came back empty.")
        return made.read_bytes()


def check_rendering(timeout_s: float = 60) -> None:
    """Draw one picture off screen in a child process. Raises SceneError where this machine cannot."""
    _child(["--check"], timeout_s)


def _child(arguments: Sequence[str], timeout_s: float) -> None:
    home = str(Path(__file__).resolve().parents[2])
    paths = [home, *filter(None, [os.environ.get("PYTHONPATH")])]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYVISTA_OFF_SCREEN": "true"}
    command = [sys.executable, "-m", "isost_core.figures.lit_scene", *arguments]
    try:
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=timeout_s, check=False)
    except subprocess.TimeoutExpired:
        raise SceneError(f"The lit scene was not ready within {timeout_s:g} s.") from None
    if done.returncode < 0:
        raise SceneError("This machine cannot draw off screen: install libegl1, libgl1 and libgl1-mesa-dri.")
    if done.returncode > 0:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise SceneError(f"The lit scene could not be drawn: {last}")


def drawn(n: int) -> np.ndarray:
    """Rows of the points that a 3D picture draws of n: at most MOST_POINTS, the same ones every time."""
    if n <= MOST_POINTS:
        return np.arange(n)
    return np.sort(np.random.default_rng(0).choice(n, MOST_POINTS, replace=False))


def _save(scene: LitScene, path: Path) -> None:
    parts = [*scene.surfaces, *([scene.tissue] if scene.tissue else [])]
    looks = [{k: getattr(s, k) for k in ("name", "colour", "opacity", "level")} for s in parts]
    about = {"tissue": scene.tissue is not None, "depth_scale": scene.depth_scale, "camera": scene.camera,
             "axis": asdict(scene.axis), "window": list(scene.window), "eye": scene.eye, "noun": scene.noun,
             "surfaces": looks}
    arrays = {f"{kind}_{i}": getattr(s, kind) for i, s in enumerate(parts) for kind in ("vertices", "faces")}
    clouds = {k: getattr(scene, k) for k in ("points", "point_colours") if getattr(scene, k) is not None}
    arrays |= {f"known_{i}": s.known for i, s in enumerate(parts) if s.known is not None}
    arrays |= {k: cloud[drawn(len(cloud))] for k, cloud in clouds.items()}
    np.savez(path, about=json.dumps(about), **arrays)


def _load(path: str | Path) -> LitScene:
    with np.load(path, allow_pickle=False) as stored:
        about = json.loads(str(stored["about"]))
        parts = [ColouredSurface(vertices=stored[f"vertices_{i}"], faces=stored[f"faces_{i}"], **s,
                         known=stored.get(f"known_{i}"))
                 for i, s in enumerate(about["surfaces"])]
        clouds = {k: stored[k] for k in ("points", "point_colours") if k in stored}
    tissue = parts.pop() if about["tissue"] else None
    return LitScene(tuple(parts), tissue, depth_scale=about["depth_scale"], camera=about["camera"],
                    window=tuple(about["window"]), axis=Axis(**about["axis"]),
                    eye=about["eye"] and tuple(about["eye"]), noun=about["noun"], **clouds)


def _main(arguments: Sequence[str] | None = None) -> None:
    from PIL import Image

    parser = argparse.ArgumentParser(prog="python -m isost_core.figures.lit_scene")
    parser.add_argument("--check", action="store_true", help="draw one picture off screen and end")
    parser.add_argument("--scene", help="stored scene (.npz)")
    parser.add_argument("--html", help="where the interactive page goes")
    parser.add_argument("--png", help="where a picture goes")
    given = parser.parse_args(arguments)
    scene = LitScene(points=np.eye(3), window=(64, 48)) if given.check else _load(given.scene)
    plotter = build_plotter(scene)
    if given.html:
        Path(given.html).write_text(plotter.trame.export_html(None).read(), encoding="utf-8")
    else:
        _add_legend(plotter, scene)
        drawn_picture = plotter.screenshot(None, return_img=True, scale=PICTURE_SCALE if given.png else 1)
        if given.png:
            Image.fromarray(np.asarray(drawn_picture)).save(given.png, dpi=(PICTURE_DPI, PICTURE_DPI))


if __name__ == "__main__":
    _main()
