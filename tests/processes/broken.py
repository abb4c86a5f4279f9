"""Forty playbooks with one thing wrong each: the body, the line of the fault and its rule."""

from dataclasses import dataclass

ASK = "   Sure?\n   - yes -> end\n   - no -> end\n   - cannot tell -> end\n"
FRONT_LINES = 6
"""Lines of the front matter the tests put before each body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """One body, the line (of the body, from 1) where a person has to look, and the rule that was broken."""

    why: str
    body: str
    line: int
    rule: str


def _one(why: str, rule: str, line: int, body: str) -> Broken:
    return Broken(why=why, rule=rule, line=line, body=body)


BROKEN = (
    _one("a step leads to one that is not there", "dangling", 1, "1. [operator] Look. -> 4\n"),
    _one("an answer leads nowhere known", "dangling", 4, "1. [operator] Look.\n   Sure?\n   - yes -> end\n   - no -> 9\n   - cannot tell -> end\n"),
    _one("a time-out leads nowhere known", "dangling", 1, "1. [operator] Look. (within 60 s, else 8) -> end\n"),
    _one("a parallel step is not there", "dangling", 1, "1. [operator] Look. (together 2, 7) -> 3\n2. [operator] Call. -> 3\n3. [operator] End. -> end\n"),
    _one("a letter is missing in a reference", "dangling", 1, "1. [operator] Look. -> 2\n2a. [operator] Call. -> end\n"),
    _one("nothing leads to a step", "unreachable", 2, "1. [operator] Look. -> end\n2. [operator] Call. -> end\n"),
    _one("a step behind an end", "unreachable", 3, "1. [operator] Look.\n2. [operator] Call. -> end\n3. [operator] Tell. -> end\n"),
    _one("two steps lead only to each other", "unreachable", 2, "1. [operator] Look. -> end\n2. [operator] Call. -> 3\n3. [operator] Tell. -> 2\n"),
    _one("a step leads to itself", "endless", 1, "1. [operator] Look. -> 1\n"),
    _one("two steps go round", "endless", 1, "1. [operator] Look.\n2. [operator] Call. -> 1\n"),
    _one("a question whose answers all go back", "endless", 1, "1. [operator] Look.\n   Sure?\n   - yes -> 1\n   - no -> 1\n   - cannot tell -> 1\n"),
    _one("only a time-out would end the circle", "endless", 1, "1. [operator] Look. (within 60 s, else 3)\n2. [operator] Call. -> 1\n3. [operator] Tell. -> end\n"),
    _one("a circle behind a question", "endless", 6, "1. [operator] Look.\n   Sure?\n   - yes -> end\n   - no -> 2\n   - cannot tell -> end\n2. [operator] Call. -> 3\n3. [operator] Tell. -> 2\n"),
    _one("a step is nobody's", "no-role", 1, "1. Look at it. -> end\n"),
    _one("the brackets are empty", "no-role", 1, "1. [] Look at it. -> end\n"),
    _one("a role the playbook does not have", "role", 1, "1. [planner] Look at it. -> end\n"),
    _one("a role misspelt", "role", 2, "1. [operator] Look.\n2. [operater] Call. -> end\n"),
    _one("a limit and no path after it", "time-out", 1, "1. [operator] Look. (within 60 s) -> end\n"),
    _one("a limit of no time", "time-out", 1, "1. [operator] Look. (within 0 s, else end) -> end\n"),
    _one("a limit of three days", "time-out", 1, "1. [operator] Look. (within 72 h, else end) -> end\n"),
    _one("late, the step leads to itself", "time-out", 1, "1. [operator] Look. (within 60 s, else 1) -> end\n"),
    _one("one person would warn the public", "weak-gate", 1, "1. [supervisor] Warn. -> end\n   Propose: public_warning by 1; text=Leave; area=square\n"),
    _one("nobody would give evidence away", "weak-gate", 1, "1. [supervisor] Give. -> end\n   Propose: evidence_package; recipient=police; regime=led\n"),
    _one("a sign changes by nobody's word", "weak-gate", 1, "1. [supervisor] Sign. -> end\n   Propose: city_system by 0; command=open; until=later\n"),
    _one("an act that there is not", "propose", 1, "1. [operator] Shoot. -> end\n   Propose: drone by 2; to=square\n"),
    _one("an act without what it needs", "propose", 1, "1. [operator] Tell. -> end\n   Propose: message by 1; to=police\n"),
    _one("an identity brought back by a checklist", "propose", 1, "1. [supervisor] Find. -> end\n   Propose: re_identification by 2\n"),
    _one("an act that is no line of ours", "propose", 2, "1. [operator] Tell. -> end\n   Propose: Message!\n"),
    _one("a parameter without a value", "propose", 2, "1. [operator] Tell. -> end\n   Propose: message by 1; to=police; text\n"),
    _one("the path has no end", "no-end", 1, "1. [operator] Look.\n"),
    _one("the last of two has no end", "no-end", 2, "1. [operator] Look.\n2. [operator] Call.\n"),
    _one("a question has no answer", "answers", 1, "1. [operator] Look. -> end\n   Is it?\n"),
    _one("one answer besides not knowing", "answers", 1, "1. [operator] Look.\n   Is it?\n   - yes -> end\n   - cannot tell -> end\n"),
    _one("an answer is there twice", "answers", 1, "1. [operator] Look.\n   Is it?\n   - yes -> end\n   - Yes -> end\n   - cannot tell -> end\n"),
    _one("asked, and sent on as well", "answers", 1, f"1. [operator] Look. -> end\n{ASK}"),
    _one("nobody may say that they cannot tell", "cannot-tell", 1, "1. [operator] Look.\n   Is it?\n   - yes -> end\n   - no -> end\n   - a bit -> end\n"),
    _one("an answer that leads nowhere", "answer", 3, f"1. [operator] Look.\n   Is it?\n   - perhaps\n{ASK.partition(chr(10))[2]}"),
    _one("one number names two steps", "twice", 2, "1. [operator] Look.\n1. [operator] Call. -> end\n"),
    _one("a question inside steps done together", "together", 2, f"1. [operator] Look. (together 2, 3) -> 4\n2. [operator] Ask.\n{ASK}3. [operator] Call. -> 4\n4. [operator] Tell. -> end\n"),
    _one("steps done together meet nowhere", "together", 2, "1. [operator] Look. (together 2, 3) -> 4\n2. [operator] Call. -> end\n3. [operator] Tell. -> 4\n4. [operator] Note. -> end\n"),
    _one("a step without words", "empty", 1, "1. [operator]  -> end\n"),
    _one("words that belong to no step", "no-step", 1, "Please look.\n1. [operator] Look. -> end\n"),
    _one("a term nobody knows", "term", 1, "1. [operator] Look. (must; quickly) -> end\n"),
)  # fmt: skip
