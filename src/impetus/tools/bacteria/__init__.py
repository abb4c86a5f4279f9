"""The Bacteria Detector."""
