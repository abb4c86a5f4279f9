"""The built-in tools; each loads through the entry point group `impetus.tools`, exactly as a third party's does."""
