"""DOC"""

from ui.shell import state

PLACE = ("x", "y", "depth")


def middle(run):
    """Where a view that names no place begins, as in the Explorer: in the middle of the tissue, in whole µm."""
    return [float(min(max(round(at), a), b)) for at, a, b in zip(run.middle_um, *run.extent_um, strict=True)]


def go_to(foci, rows):
    """Make the focus the one in the clicked row."""
    for row in rows:
        move_to(foci.iloc[row][list(PLACE)])


def move_to(place):
    """Make a place (x, y, depth um) the focus."""
    for axis, at in zip(PLACE, place, strict=True):
        state.set_view(f"c{axis}", round(float(at), 1))
