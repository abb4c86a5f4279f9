"""The Urban Anomaly Detector."""
