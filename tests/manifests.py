"""The plainest manifest a tool can have, for tests that change one thing about it."""


def plain_manifest(
    identity: str = "trial", *, summary: str = "Tries.", properties: str = "", limits: str = "", more: str = ""
) -> str:
    """Return a manifest that senses observations and emits anomalies; `limits` and `more` are lines of TOML."""
    senses = f"properties = {properties}\n" if properties else ""
    return f"""
[tool]
id = "{identity}"
name = "{identity.title()}"
summary = "{summary}"
version = "1"
[senses]
input = "observations"
{senses}[emits]
kinds = ["anomaly"]
[ethics]
purposes = ["public_safety"]
retention = "observations"
legal_class = "none"
[limits]
{limits}
{more}"""
