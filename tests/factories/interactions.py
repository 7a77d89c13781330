"""Interactions."""

import factory

from crm.core import clock
from crm.interactions.kinds import InteractionKind
from crm.interactions.models import Interaction, Participant
from tests.factories.base import Factory
from tests.factories.companies import CompanyFactory
from tests.factories.people import UserFactory


class InteractionFactory(Factory):
    """A visit today with one company, by an author who took part.

    `company=` names the one company, `lead=` attaches it (and takes the lead's company).
    The facts that a lead repeats of its interactions are `leads.services`' business, not written
    here; `LeadFactory` makes leads whose facts agree.
    """

    class Meta:
        model = Interaction
        exclude = ("company", "lead")

    lead = None
    company = factory.LazyAttribute(
        lambda made: made.lead.company if made.lead else CompanyFactory()
    )
    lead_id = factory.LazyAttribute(lambda made: made.lead.id if made.lead else None)
    kind = InteractionKind.VISIT
    occurred_on = factory.LazyFunction(clock.today)
    text = factory.Sequence(lambda n: f"示例记录{n}：看了厂房，谈了用地和用能。")
    author = factory.SubFactory(UserFactory)
    companies = factory.LazyAttribute(lambda made: [made.company])
    participants = factory.LazyAttribute(
        lambda made: (
            [Participant(user=made.author, team_id=made.author.team_id)] if made.author else []
        )
    )
    next_owner = factory.LazyAttribute(
        lambda made: made.author if getattr(made, "next_on", None) else None
    )
