"""What the Parquet history is made of: partition files, the newest values, and merging small files."""
