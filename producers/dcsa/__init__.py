"""Reader of DCSA Track & Trace: equipment events become container moves."""
