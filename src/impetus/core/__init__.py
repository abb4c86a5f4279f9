"""Pure words of the domain. Imports the standard library and NumPy only; reads no clock, no file, no socket."""
