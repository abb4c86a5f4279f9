"""The pages, one module each; every module exposes `router`."""
