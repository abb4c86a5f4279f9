"""Pure rules of law and privacy: who may do what, for which purpose. Imports the standard library only."""
