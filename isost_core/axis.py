"""The axis along which sections are stacked: its name and its unit, and how both are written."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Axis:
    """Axis of a stack: what it is called in a text, and the unit of its positions."""

    name: str
    unit: str

    @property
    def label(self) -> str:
        """Of a chart's axis or within a sentence: 'depth (µm)'."""
        return f"{self.name} ({self.unit})"

    @property
    def title(self) -> str:
        """Of a field or a column: 'Depth (µm)'."""
        return f"{self.name.capitalize()} ({self.unit})"

    @property
    def column(self) -> str:
        """Of a table, in ASCII: 'depth_um'."""
        return f"{self.name}_{self.unit.replace('µ', 'u')}"

    def at(self, value: float) -> str:
        """A position along it: 'depth 1,075 µm'."""
        return f"{self.name} {value:,.0f} {self.unit}"


DEPTH = Axis("depth", "µm")
