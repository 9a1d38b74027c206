"""The archive: the raw topics as Parquet files by day, from which all books can be rebuilt."""
