//! Tables: reads CSV and Parquet into our own columns. The only module that knows polars.
