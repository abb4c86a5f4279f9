"""Who is there in every story: two operators, a supervisor, an auditor."""

from types import SimpleNamespace

import pytest

from impetus.core.actor import Role
from stories.people import Person
from stories.story import Story


@pytest.fixture
def story() -> Story:
    """Return a story that begins at 21:00 with an empty desk."""
    return Story()


@pytest.fixture
def people(story: Story) -> SimpleNamespace:
    """Return the people of the story: operators ada and bo, supervisor sol, auditor aud."""
    roles = {"ada": Role.OPERATOR, "bo": Role.OPERATOR, "sol": Role.SUPERVISOR, "aud": Role.AUDITOR}
    return SimpleNamespace(**{name: Person(actor=story.person(name, role)) for name, role in roles.items()})
