"""DCSA Track & Trace: equipment events as container moves."""
