"""UN/EDIFACT: COARRI and CODECO messages as container moves."""
