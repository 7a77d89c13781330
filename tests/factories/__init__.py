"""Records for tests, all plainly made up. Each factory adds to the test's session and flushes."""

from tests.factories.companies import CompanyFactory, ContactFactory, HonourFactory, make_uscc
from tests.factories.interactions import InteractionFactory
from tests.factories.leads import LeadFactory
from tests.factories.people import TeamFactory, UserFactory, team_named

__all__ = [
    "CompanyFactory",
    "ContactFactory",
    "HonourFactory",
    "InteractionFactory",
    "LeadFactory",
    "TeamFactory",
    "UserFactory",
    "make_uscc",
    "team_named",
]
