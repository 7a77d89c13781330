"""What the desk shows, every part cut to what the viewer may see."""

from crm.pipeline.queries.feed import FeedItem, feed
from crm.pipeline.queries.leads import (
    ClockRow,
    LeadRow,
    MyLeads,
    awaiting,
    awaiting_answer,
    my_leads,
)
from crm.pipeline.queries.notices import notice_of, notices
from crm.pipeline.queries.scope import Scope
from crm.pipeline.queries.steps import Steps, done_today, steps

__all__ = [
    "ClockRow",
    "FeedItem",
    "LeadRow",
    "MyLeads",
    "Scope",
    "Steps",
    "awaiting",
    "awaiting_answer",
    "done_today",
    "feed",
    "my_leads",
    "notice_of",
    "notices",
    "steps",
]
