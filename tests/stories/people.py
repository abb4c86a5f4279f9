"""The people of stories, and what they can do."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from impetus.core.actor import Actor
from impetus.core.alert import Verdict
from impetus.core.ids import AlertId
from impetus.desk import decide, incidents, triage
from stories.story import Act, Story


@dataclass(frozen=True)
class Person:
    """Somebody with an account and a role, and what they can do to the alert or incident the story is about."""

    actor: Actor

    @property
    def name(self) -> str:
        """Return the account's name."""
        return self.actor.name

    def _act(self, says: str, does: Callable[[Story, int | None], object]) -> Act:
        def act(story: Story) -> object:
            return does(story, story.seen_versions.pop((self.name, story.alert_id), None))

        return Act(says=f"{self.name} {says}", does=act)

    def sees(self) -> Act:
        """Look at the alert: the next act is based on what was seen."""

        def look(story: Story) -> None:
            story.seen_versions[self.name, story.alert_id] = story.alert().version

        return Act(says=f"{self.name} sees it", does=look)

    def acknowledges(self) -> Act:
        """Take the alert."""
        return self._act("acknowledges", lambda s, v: triage.acknowledge(s.desk, self.actor, s.alert_id, version=v))

    def undoes(self) -> Act:
        """Take the last step back."""
        return self._act("undoes", lambda s, v: triage.undo(s.desk, self.actor, s.alert_id, version=v))

    def assesses(self, verdict: Verdict, why: str = "") -> Act:
        """Say what it was."""
        return self._act(
            f"assesses: {verdict}",
            lambda s, v: triage.assess(s.desk, self.actor, s.alert_id, verdict=verdict, why=why, version=v),
        )

    def shelves(self, hours: float, why: str = "known works on the quay") -> Act:
        """Put it aside for some hours."""
        return self._act(
            f"shelves for {hours:g} h: {why}",
            lambda s, v: triage.shelve(
                s.desk,
                self.actor,
                s.alert_id,
                until=s.desk.clock.now() + timedelta(hours=hours),
                why=why,
                version=v,
            ),
        )

    def hands_to(self, other: "Person") -> Act:
        """Ask somebody to take it."""
        return self._act(
            f"hands it to {other.name}",
            lambda s, v: triage.offer(s.desk, self.actor, s.alert_id, to=other.name, version=v),
        )

    def accepts(self) -> Act:
        """Take what was offered."""
        return self._act("accepts", lambda s, v: triage.accept(s.desk, self.actor, s.alert_id, version=v))

    def declines(self, why: str = "") -> Act:
        """Say no to what was offered."""
        return self._act("declines", lambda s, v: triage.decline(s.desk, self.actor, s.alert_id, why=why, version=v))

    def closes(self) -> Act:
        """Close it."""
        return self._act("closes", lambda s, v: triage.close(s.desk, self.actor, s.alert_id, version=v))

    def reopens(self, why: str = "it is not over") -> Act:
        """Take it up again."""
        return self._act("reopens", lambda s, v: triage.reopen(s.desk, self.actor, s.alert_id, why=why, version=v))

    def opens_incident(self, title: str, *alerts: AlertId) -> Act:
        """Open an incident from these alerts, by default the story's."""

        def open_it(story: Story) -> None:
            opened = incidents.open_incident(story.desk, self.actor, title, alerts or (story.alert_id,))
            story.incident_id = opened.id

        return Act(says=f"{self.name} opens incident {title!r}", does=open_it)

    def notes(self, text: str) -> Act:
        """Write into the timeline."""
        return Act(
            says=f"{self.name} notes {text!r}",
            does=lambda s: incidents.note(s.desk, self.actor, s.incident_id, text),
        )

    def decides(self, choice: str, *others: str, reason: str, corrects: int | None = None) -> Act:
        """Choose the first of the options."""

        def choose(story: Story) -> None:
            decision = decide.decide(
                story.desk,
                self.actor,
                story.incident_id,
                seen="the square is full",
                options=(choice, *others),
                choice=choice,
                reason=reason,
                corrects=corrects,
            )
            story.decisions.append(decision.id)

        return Act(says=f"{self.name} decides {choice!r} because {reason!r}", does=choose)

    def closes_incident(self, outcome: str) -> Act:
        """Close the incident."""
        return Act(
            says=f"{self.name} closes the incident: {outcome!r}",
            does=lambda s: incidents.close(s.desk, self.actor, s.incident_id, outcome=outcome),
        )

    def reopens_incident(self, why: str) -> Act:
        """Take the incident up again."""
        return Act(
            says=f"{self.name} reopens the incident: {why!r}",
            does=lambda s: incidents.reopen(s.desk, self.actor, s.incident_id, why=why),
        )

    def hands_incident_to(self, other: "Person") -> Act:
        """Ask somebody to take the incident."""
        return Act(
            says=f"{self.name} hands the incident to {other.name}",
            does=lambda s: incidents.offer(s.desk, self.actor, s.incident_id, to=other.name),
        )

    def accepts_incident(self) -> Act:
        """Take the offered incident."""
        return Act(
            says=f"{self.name} accepts the incident",
            does=lambda s: incidents.accept(s.desk, self.actor, s.incident_id),
        )
