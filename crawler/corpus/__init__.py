"""Article -> JSON Lines, in Hive partitions that DuckDB, Polars and Spark read in place."""
