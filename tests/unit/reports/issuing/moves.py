"""Raw moves over the quay, made by hand."""

from contract.events import Classifier, ContainerMoved, EquipmentEvent, Move
from tests.unit.kpis.builders import at


def move(
    name: str,
    *,
    on: str = "2026-11-23 10:00",
    recorded: str = "2026-11-23 10:05",
    event: str = "DISC",
    terminal: str = "THE",
) -> ContainerMoved:
    """A move at a local time."""
    return ContainerMoved(
        id=name,
        source="/tonghai/tos",
        time=at(on),
        recordedtime=at(recorded),
        specversion="1.0",
        data=Move(Classifier.ACT, EquipmentEvent(event), terminal, "CSQU3054383", "42G1"),
    )
