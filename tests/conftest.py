"""What all tests have in common: how they are told, and what they need."""

pytest_plugins = (
    "tests.plugins.needs",
    "tests.plugins.last_lines",
    "tests.plugins.progress",
    "tests.plugins.collector",
)
