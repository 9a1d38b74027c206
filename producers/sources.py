"""Sources: whatever yields events by the day, by name; files are read by `importing`."""

from producers import simulate_port, simulate_projects
from producers.due import Source

SOURCES: dict[str, Source] = {
    "simulate-port": simulate_port.simulate,
    "simulate-projects": simulate_projects.simulate,
}
"""Name on the command line -> source."""
