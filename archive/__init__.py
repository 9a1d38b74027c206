"""The raw topics kept as Parquet by day: all that is needed to make every book and KPI anew."""
