"""What a funnel's address asks for; the page, its rows, its exports and the API read the same."""

from dataclasses import dataclass, field
from datetime import date

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from crm.leads import list_args
from crm.pipeline.queries.funnel import FunnelAsk

MOST_DAYS = 36_500
FILTERS = ("team", "owner", "source", "sector", "investor_kind", "honour", "node", "anchor")
"""The filters of the list of leads that narrow a funnel too."""


@dataclass
class Asked:
    """What was understood, and by parameter what was wrong with the rest."""

    ask: FunnelAsk
    problems: dict[str, str] = field(default_factory=dict)


def read(args: MultiDict[str, str], today: date) -> Asked:
    """Read an address: the year up to today and 90 days, where it does not say otherwise."""
    problems: dict[str, str] = {}
    as_of = list_args.day(args, "as_of", problems) or today
    end = list_args.day(args, "to", problems) or as_of
    start = list_args.day(args, "from", problems) or min(as_of, end).replace(month=1, day=1)
    if start > end:
        problems["from"] = _("开始日期晚于结束日期。")
    wanted = [(name, value) for name in FILTERS for value in args.getlist(name)]
    filters = list_args.read(MultiDict(wanted)).filters
    ask = FunnelAsk(start, end, as_of, _within(args, problems), filters)
    return Asked(ask, problems)


def _within(args: MultiDict[str, str], problems: dict[str, str]) -> int | None:
    """Days; 90 where nothing is said, any time where it is said to be empty."""
    text = args.get("within_days", "90").strip()
    if not text:
        return None
    if text.isascii() and text.isdigit() and int(text[:9]) <= MOST_DAYS:
        return int(text)
    problems["within_days"] = _("天数应为 0 到 %(most)s 的整数。", most=MOST_DAYS)
    return 90
