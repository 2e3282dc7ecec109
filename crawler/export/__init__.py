"""The corpus handed over: rows as JSON lines and Parquet, a dataset folder, parallel text."""
