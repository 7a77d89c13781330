"""The funnel's page, the rows behind each of its figures, and the picture of it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crm.accounts.guards import requires
from crm.companies.kinds import HonourKind
from crm.core import clock
from crm.core.labels import N_, LabelledEnum
from crm.core.permissions import Capability
from crm.core.web import current_actor, wants_fragment
from crm.leads.kinds import InvestorKind, Sector
from crm.leads.lights import Color
from crm.leads.queries import LeadPage, LeadRow, Standards, lead_rows
from crm.leads.queries.choices import list_choices
from crm.leads.stages import Stage, Status, next_stage
from crm.pipeline import funnel_args
from crm.pipeline.funnel_args import Asked
from crm.pipeline.queries.breakdown import Dimension, groups
from crm.pipeline.queries.funnel import Funnel, amount_of, funnel_of
from crm.pipeline.queries.funnel_rows import rows_of

bp = Blueprint("funnel", __name__, url_prefix="/funnel")

SPANS = (
    (30, N_("30 天")),
    (90, N_("90 天")),
    (180, N_("180 天")),
    (365, N_("一年")),
    (None, N_("不限")),
)
PER_PAGE = 80
_MOST_SHOWN = 5


class Figure(LabelledEnum):
    """What a figure of the funnel counts."""

    ENTERED = "entered", N_("进入")
    CONVERTED = "converted", N_("转化")
    WAITING = "waiting", N_("仍在等待")
    CURRENT = "current", N_("现停留")


@bp.get("/")
@requires(Capability.SEE_BUSINESS)
def show() -> ResponseReturnValue:
    """The funnel with one breakdown; htmx gets its part of the page alone."""
    asked, found = _asked()
    by = Dimension.read(request.args.get("by", "")) or Dimension.TEAM
    standards = Standards.of(clock.today())
    context = {
        **_context(asked, found), "standards": standards,
        "stalled": _attention(asked, standards, lights=(Color.RED,)),
        "aimless": _attention(asked, standards, no_next=True),
        "by": by, "dimensions": Dimension,
        "groups": groups(found, by),
        "choices": list_choices(), "spans": SPANS, "periods": _periods(asked.ask.as_of),
        "Sector": Sector, "InvestorKind": InvestorKind, "HonourKind": HonourKind,
    }  # fmt: skip
    template = "pipeline/_funnel.html" if wants_fragment() else "pipeline/funnel.html"
    return render_template(template, **context)


def _attention(asked: Asked, standards: Standards, **narrower: Any) -> LeadPage[LeadRow]:
    """Active leads of the funnel that ask for someone's attention today, the largest first."""
    filters = replace(asked.ask.filters, statuses=(Status.ACTIVE,), **narrower)
    return lead_rows(
        current_actor(), filters, "-investment", per_page=_MOST_SHOWN, standards=standards
    )


@bp.get("/rows")
@requires(Capability.SEE_BUSINESS)
def rows() -> ResponseReturnValue:
    """The leads that a figure counts; without one, back to the funnel."""
    back = _address(endpoint="funnel.show", figure=None, stage=None, reason=None, place=None)
    if "figure" not in request.args and "reason" not in request.args:
        return redirect(back, 303)
    asked, found = _asked()
    places, title = _counted(found)
    page = request.args.get("page", "1")
    number = int(page) if page.isascii() and page.isdigit() and len(page) < 7 else 1
    stage = Stage.read(request.args.get("stage", ""))
    shown = rows_of(current_actor(), found, places, stage, page=max(1, number), per_page=PER_PAGE)
    return render_template(
        "pipeline/funnel_rows.html", asked=asked, ask=asked.ask, title=title, page=shown,
        stage=stage, following=next_stage(stage) if stage else None, address=_address,
        back=back,
    )  # fmt: skip


@bp.get("/picture.svg")
@requires(Capability.SEE_BUSINESS)
def picture() -> ResponseReturnValue:
    """The funnel as a picture to put into a report."""
    asked, found = _asked()
    svg = render_template("pipeline/funnel.svg", **_context(asked, found))
    name = f"funnel-{asked.ask.as_of.isoformat()}.svg"
    return Response(
        svg,
        content_type="image/svg+xml; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _asked() -> tuple[Asked, Funnel]:
    asked = funnel_args.read(request.args, clock.today())
    return asked, funnel_of(current_actor(), asked.ask)


def _context(asked: Asked, found: Funnel) -> dict[str, Any]:
    most = max((len(step.entered) for step in found.steps.values()), default=0)
    return {
        "asked": asked, "ask": asked.ask, "filters": asked.ask.filters, "funnel": found,
        "most": most or 1, "amount_of": amount_of, "address": _address, "today": clock.today(),
    }  # fmt: skip


def _counted(found: Funnel) -> tuple[Sequence[int], str]:
    """The leads of a figure of the address, and what it is called. Ends in 404 for no figure."""
    stage = Stage.read(request.args.get("stage", ""))
    figure = Figure.read(request.args.get("figure", ""))
    if stage is not None and figure is not None:
        step = found.steps[stage]
        counted: Sequence[int] = getattr(step, figure.value)
        return counted, _("%(stage)s：%(figure)s", stage=_(stage.label), figure=_(figure.label))
    reason, place = request.args.get("reason"), request.args.get("place")
    for one in found.lost:
        if (one.reason, one.lost_to) == (reason, place):
            return one.places, _("流失：%(reason)s", reason=one.reason or _("未写原因"))
    return abort(404)


def _periods(as_of: date) -> list[tuple[str, date, date]]:
    """The year, the quarter and the month up to the day of account, and the last twelve months."""
    quarter = as_of.replace(month=(as_of.month - 1) // 3 * 3 + 1, day=1)
    return [
        (_("本年"), as_of.replace(month=1, day=1), as_of),
        (_("本季"), quarter, as_of),
        (_("本月"), as_of.replace(day=1), as_of),
        (_("近一年"), date.fromordinal(max(1, as_of.toordinal() - 364)), as_of),
    ]


def _address(endpoint: str = "", **changes: Any) -> str:
    """An address of the funnel with some parameters changed; None takes one away."""
    kept: dict[str, Any] = {
        key: values for key, values in request.args.lists() if key not in ("page", *changes)
    }
    kept.update({key: value for key, value in changes.items() if value is not None})
    base = url_for(endpoint or request.endpoint or "funnel.show")
    return f"{base}?{urlencode(kept, doseq=True)}" if kept else base
