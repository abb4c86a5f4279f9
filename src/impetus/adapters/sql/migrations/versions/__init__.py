"""One file per version of the schema, each frozen once released."""
