"""Purpose-bound access decided by Cedar, from policies written by hand in this package.

The policies are the second of two evaluators (the first is `impetus.ethics.policy`); they share the words of the question
and nothing else. `roles/` and `purposes` speak of what is about nobody, `people` and `never` of personal data, `always` of
both; `impetus.cedarschema` says what they may speak of, and a test validates them against it.
"""

from impetus.adapters.cedar.engine import CedarPolicy, open_policy

__all__ = ["CedarPolicy", "open_policy"]
