"""The Faust worker: it books raw events, and shows KPIs."""
