"""Lights and response clocks of leads as the tables have them; the rules are pure modules."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, case, false, func, literal, or_
from sqlalchemy.orm import InstrumentedAttribute

from crm.core.calendar import Exceptions
from crm.core.settings import calendar_exceptions, rules
from crm.leads import clocks, lights
from crm.leads.lights import Color, Cutoffs, Light, LightFacts
from crm.leads.models import Lead
from crm.leads.queries.rows import LeadRow
from crm.leads.stages import Stage, Status


@dataclass(frozen=True)
class Standards:
    """The rules in force and the working days, read once for a page; two statements."""

    today: date
    rules: dict[str, int]
    exceptions: Exceptions
    cutoffs: Cutoffs

    @classmethod
    def of(cls, today: date) -> "Standards":
        """Read the rules and work out what divides the colours on this day."""
        values, exceptions = rules(), calendar_exceptions()
        return cls(today, values, exceptions, lights.cutoffs(today, values, exceptions))

    def light(self, lead: Lead | LeadRow) -> Light:
        """The light of a lead, with its reasons."""
        facts = LightFacts(
            stage=lead.stage,
            status=lead.status,
            stage_since=lead.stage_since,
            received_on=lead.received_on,
            last_contact_on=lead.last_contact_on,
            next_on=lead.next_on,
        )
        return lights.judge(facts, self.today, self.cutoffs, self.rules, self.exceptions)

    def clocks(self, lead: Lead) -> list[clocks.Clock]:
        """What is due for a lead under the response times."""
        facts = clocks.ClockFacts(
            stage=lead.stage,
            status=lead.status,
            received_on=lead.received_on,
            responded_on=lead.responded_on,
            last_contact_on=lead.last_contact_on,
            is_assessed=lead.likelihood is not None,
        )
        return clocks.clocks(facts, self.today, self.rules, self.exceptions)


def color_rank(limits: Cutoffs) -> ColumnElement[int]:
    """The place of a lead's colour in `Color`, in SQL: the same days as `lights.judge` compares."""
    red = or_(
        _by_stage(Lead.stage_since, limits.dwell_red),
        _by_stage(func.coalesce(Lead.last_contact_on, Lead.received_on), limits.contact_red),
        Lead.next_on <= limits.overdue_red,
    )
    yellow = or_(
        _by_stage(Lead.stage_since, limits.dwell_yellow),
        _by_stage(func.coalesce(Lead.last_contact_on, Lead.received_on), limits.contact_yellow),
        Lead.next_on <= limits.overdue_yellow,
    )
    return case(
        (Lead.status != Status.ACTIVE, literal(Color.NONE.position)),
        (red, literal(Color.RED.position)),
        (yellow, literal(Color.YELLOW.position)),
        else_=literal(Color.GREEN.position),
    )


def has_color(limits: Cutoffs, colors: tuple[Color, ...]) -> ColumnElement[bool]:
    """The condition that a lead's light is one of these."""
    return color_rank(limits).in_([color.position for color in colors])


def _by_stage(
    column: ColumnElement[Any] | InstrumentedAttribute[date], days: Mapping[Stage, date]
) -> ColumnElement[bool]:
    """That the lead's stage has a dividing day, and the column lies on or before it."""
    return or_(false(), *(and_(Lead.stage == stage, column <= day) for stage, day in days.items()))
