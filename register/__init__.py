"""The register: every record of a move, decoded, with the time in which it stood in the books."""
