"""The Faust worker: raw events in, books and KPIs out."""
