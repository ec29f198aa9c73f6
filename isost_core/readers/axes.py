"""Which columns are x, y and z: by their names, in whatever order they stand and whoever wrote them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Hashable, Iterable
from dataclasses import dataclass

from isost_core.errors import InputError

COLUMNS = "x and y columns"  # key of the positions of a file without others: its best pair of columns
STEMS = (  # of x, y and z, as plain text without the unit; the real places first, numbers of rows and columns last
    ("x", "y", "z"),
    ("xglobal", "yglobal", "zglobal"), ("globalx", "globaly", "globalz"),
    ("centerxglobal", "centeryglobal", "centerzglobal"),
    ("centerx", "centery", "centerz"), ("centrex", "centrey", "centrez"), ("xcenter", "ycenter", "zcenter"),
    ("xcentroid", "ycentroid", "zcentroid"), ("centroidx", "centroidy", "centroidz"),
    ("cellcentroidx", "cellcentroidy", "cellcentroidz"), ("cellcenterx", "cellcentery", "cellcenterz"),
    ("locationcenterx", "locationcentery", "locationcenterz"),
    ("xslide", "yslide", "zslide"), ("xsection", "ysection", "zsection"),
    ("xlocation", "ylocation", "zlocation"), ("locationx", "locationy", "locationz"), ("xloc", "yloc", "zloc"),
    ("xposition", "yposition", "zposition"), ("positionx", "positiony", "positionz"),
    ("xpos", "ypos", "zpos"), ("posx", "posy", "posz"),
    ("xcoord", "ycoord", "zcoord"), ("coordx", "coordy", "coordz"), ("xcoords", "ycoords", "zcoords"),
    ("xcoordinate", "ycoordinate", "zcoordinate"), ("coordinatex", "coordinatey", "coordinatez"),
    ("spatialx", "spatialy", "spatialz"), ("xspatial", "yspatial", "zspatial"),
    ("spatial1", "spatial2", "spatial3"), ("sdimx", "sdimy", "sdimz"),
    ("alignedx", "alignedy", "alignedz"), ("xaligned", "yaligned", "zaligned"),
    ("xreconstructed", "yreconstructed", "zreconstructed"), ("xccf", "yccf", "zccf"),
    ("pxlcolinfullres", "pxlrowinfullres", ""), ("pxlcol", "pxlrow", ""), ("imagecol", "imagerow", ""),
    ("cellx", "celly", "cellz"), ("xcell", "ycell", "zcell"), ("stagex", "stagey", "stagez"),
    ("xstage", "ystage", "zstage"), ("adjustedx", "adjustedy", "adjustedz"), ("xadjusted", "yadjusted", "zadjusted"),
    ("newx", "newy", ""), ("xarray", "yarray", ""), ("arrayx", "arrayy", ""),
    ("arraycol", "arrayrow", ""), ("tissuecol", "tissuerow", ""), ("column", "row", ""), ("col", "row", ""))
UNITS = {"um": 1.0, "micron": 1.0, "microns": 1.0, "micrometer": 1.0, "micrometers": 1.0, "micrometre": 1.0,
         "micrometres": 1.0, "mm": 1000.0, "millimeter": 1000.0, "millimeters": 1000.0, "nm": 0.001, "px": None,
         "pixel": None, "pixels": None, "": None}
UNIT_WORDS = {1.0: "µm", 1000.0: "mm", 0.001: "nm"}
_MEANINGS: dict[str, list[tuple[tuple[int, str], str]]] = {}  # of a plain name: (rank of the stem, unit), axis
for _rank, _stems in enumerate(STEMS):
    for _unit in UNITS:
        for _axis, _stem in zip("xyz", _stems, strict=True):
            for _name in {f"{_stem}{_unit}", f"{_unit}{_stem}"} if _stem else ():
                _MEANINGS.setdefault(_name, []).append(((_rank, _unit), _axis))


@dataclass(frozen=True)
class Axes:
    """The columns that hold x and y, and z where there is one.

    um_per_unit : where the names say the unit, else None
    unclear : names of which more than one could be the same axis
    """

    x: str
    y: str
    z: str | None = None
    um_per_unit: float | None = None
    unclear: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Name of these positions: 'x, y'."""
        return f"{self.x}, {self.y}"

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of x, y and, where there is one, z."""
        return (self.x, self.y) if self.z is None else (self.x, self.y, self.z)

    def words(self, where: str) -> tuple[str, ...]:
        """Note on what was taken for x and y, as a tuple: empty where that is plain. where : file, or file and key."""
        plain = (self.x, self.y) == ("x", "y")
        unit = "" if self.um_per_unit is None else f" They are in {UNIT_WORDS[self.um_per_unit]}, as the names say."
        return () if plain else (f"{where}: x is column '{self.x}' and y is column '{self.y}'.{unit}",)


def find(columns: Iterable[Hashable]) -> list[Axes]:
    """All sets of columns that hold positions, the best first: those in a named length, then in the order of STEMS."""
    groups: dict[tuple[int, str], dict[str, list[str]]] = {}
    for column in (c for c in columns if isinstance(c, str)):
        for group, axis in _MEANINGS.get(_plain(column), ()):
            groups.setdefault(group, {}).setdefault(axis, []).append(column)
    order = sorted(groups, key=lambda group: (UNITS[group[1]] is None, *group))
    return [_axes(groups[g], UNITS[g[1]]) for g in order if {"x", "y"} <= set(groups[g])]


def best(columns: Iterable[Hashable], where: str) -> Axes | None:
    """The columns that hold positions, or None; InputError where two could be the same axis. where : file, or key."""
    found = find(columns)
    if found and found[0].unclear:
        raise unclear(found[0], where)
    return found[0] if found else None


def unclear(axes: Axes, where: str) -> InputError:
    """The error that names the columns of which each could be the same axis."""
    named = ", ".join(f"'{name}'" for name in axes.unclear)
    return InputError(f"{where} has more than one column that could be x or y: {named}. Remove or rename those that "
                      "are not the positions.")


def unit_of(column: str) -> float | None:
    """µm per unit that the name of a column of lengths says, else None: 'z_mm' gives 1000."""
    last = re.split("[^a-z0-9]+", _readable(column).strip(" )]"))[-1]
    if last in UNITS:
        return UNITS[last]
    return next((UNITS[unit] for (_, unit), _ in _MEANINGS.get(_plain(column), ())), None)


def others(found: list[Axes], where: str) -> tuple[str, ...]:
    """Note on the positions that were not taken, as a tuple: empty where there are none."""
    named = ", ".join(f"'{axes.key}'" for axes in found[1:])
    return (f"{where}: other positions are there but were not used: {named}.",) if named else ()


def _axes(named: dict[str, list[str]], um_per_unit: float | None) -> Axes:
    """One x, y and z of the columns that could be it: those whose letters are of one case belong together."""
    pairs = [(x, y) for x in named["x"] for y in named["y"]]
    pairs = [pair for pair in pairs if _case(pair[0]) == _case(pair[1])] or pairs
    x, y = pairs[0]
    z = next((z for z in named.get("z", ()) if _case(z) == _case(x)), next(iter(named.get("z", ())), None))
    several = tuple(name for axis in ("x", "y") for name in named[axis] if len(named[axis]) > 1)
    return Axes(x, y, z, um_per_unit, several if len(pairs) > 1 else ())


def _case(name: str) -> tuple[bool, bool]:
    return name.isupper(), name.islower()


def _readable(name: str) -> str:
    """A name in small letters, µ as u."""
    return unicodedata.normalize("NFKC", name).casefold().replace("μ", "u")


def _plain(name: str) -> str:
    """A name in small letters without spaces and signs, µ as u."""
    return re.sub("[^a-z0-9]", "", _readable(name))
