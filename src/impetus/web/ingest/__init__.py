"""The door for sensors: its own app on its own port, so that people and sensors do not share one."""
