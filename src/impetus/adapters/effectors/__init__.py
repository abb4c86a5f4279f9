"""City systems, as declared in `effectors.toml` of a home: signs, public address, barriers, lights, firewalls."""
