"""The Faust agents: stage 1 keeps the books, stage 2 computes the KPIs."""
