"""The history of the schema, shipped in the package and run by `open_store`."""
