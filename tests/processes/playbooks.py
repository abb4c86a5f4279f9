"""Small playbooks for tests."""

from impetus.processes.check_playbook import check_playbook
from impetus.processes.playbook import Playbook
from impetus.processes.playbook_text import Fault, Front, read_playbook

FRONT = Front(title="Trial", incident_type="trial", version=1, roles=("operator", "supervisor"), lines=0)

GOOD = (
    "1. [operator] Look. -> end\n",
    "1. [operator] Look.\n2. [supervisor] Call. -> end\n",
    "1. [operator] Look. (must) -> end\n   Done when: you saw it.\n",
    "1. [operator] Look. (within 5 min, else 2) -> end\n2. [supervisor] Look yourself. -> end\n",
    "1. [operator] Look.\n   Is it?\n   - yes -> 2\n   - no -> end\n   - cannot tell -> 1a\n1a. [operator] Wait. -> 1\n2. [operator] Call. -> end\n",
    "1. [operator] Look. (together 2, 3) -> 4\n2. [operator] Call. -> 4\n3. [supervisor] Tell. -> 4\n4. [operator] Note. -> end\n",
    "1. [supervisor] Warn. -> end\n   Propose: public_warning by 2; text=Leave; area=the square\n",
    "1. [operator] Note it. -> end\n   Propose: note; text=What was seen\n",
)


def read(body: str) -> tuple[Playbook, tuple[Fault, ...]]:
    """Return the playbook of a body, and every fault found in it."""
    playbook, faults = read_playbook(FRONT, body)
    return playbook, check_playbook(playbook, faults)
