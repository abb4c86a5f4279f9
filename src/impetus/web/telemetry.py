"""No telemetry: the framework can send it when the environment says so; the platform sends nothing to anybody."""

from fastapi.telemetry import TelemetryConfig

NO_TELEMETRY = TelemetryConfig(auto_configure=False, tracing=False, metrics=False, logs=False)
