"""Pure procedures: playbooks, runs, decisions, handover. Imports the standard library only."""
