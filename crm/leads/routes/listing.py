"""The list of leads, the board, the leads without owner, and the collision guard's fragment."""

from typing import Any
from urllib.parse import urlencode

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crm.accounts.guards import requires
from crm.companies.kinds import HonourKind
from crm.companies.queries import find_matches
from crm.core import clock, settings
from crm.core.labels import N_
from crm.core.permissions import Capability, Visibility
from crm.core.quantity import QuantityError
from crm.core.web import current_actor, wants_fragment
from crm.leads import list_args
from crm.leads.fields import FIELDS
from crm.leads.forms import PARSERS
from crm.leads.kinds import InvestorKind, Sector
from crm.leads.lights import Color
from crm.leads.queries import DEFAULT_SORT, SORT_KEYS, Standards, collision_lines, lead_rows
from crm.leads.queries.board import MOST, lanes
from crm.leads.queries.choices import list_choices
from crm.leads.queries.filters import LeadFilters
from crm.leads.routes.blueprint import bp
from crm.leads.services import claims_on
from crm.leads.stages import OPEN_STATUSES, Stage, Status

PER_PAGE = 80
# Columns that may be shown, with those shown when the address names none.
COLUMNS = {
    "light": N_("灯与原因"), "stage": N_("阶段"), "status": N_("状态"), "investment": N_("投资 亿元"),
    "land": N_("用地 亩"), "next": N_("下一步"), "owner": N_("负责人"), "contact": N_("最近接触"),
    "source": N_("来源"), "received": N_("收到日期"), "energy": N_("能耗 吨标煤"), "jobs": N_("就业 人"),
    "visibility": N_("可见范围"),
}  # fmt: skip
SHOWN = ("light", "stage", "investment", "land", "next", "owner", "contact")


@bp.get("/", endpoint="list")
@requires(Capability.SEE_BUSINESS)
def show_list() -> ResponseReturnValue:
    """The list; htmx gets the rows alone."""
    actor, today = current_actor(), clock.today()
    asked = list_args.read(request.args, default_open=True)
    sort = request.args.get("sort", DEFAULT_SORT)
    sort = sort if sort.removeprefix("-") in SORT_KEYS else DEFAULT_SORT
    standards = Standards.of(today)
    page = lead_rows(
        actor, asked.filters, sort, _number("page", 1), _number("per_page", PER_PAGE),
        standards=standards,
    )  # fmt: skip
    wanted = list_args.words(request.args, "cols")
    shown = [key for key in COLUMNS if key in (wanted or SHOWN)]
    context = {
        **filter_context(asked, "leads.list"), "page": page, "sort": sort,
        "standards": standards, "columns": COLUMNS, "shown": shown,
        "column_choices": [(key, _(label), key in shown) for key, label in COLUMNS.items()],
        "may_assign": actor.can(Capability.REASSIGN),
        "may_pick": actor.can(Capability.ADD_LEADS),
    }  # fmt: skip
    template = "leads/_list.html" if wants_fragment() else "leads/list.html"
    return render_template(template, **context)


@bp.get("/board")
@requires(Capability.SEE_BUSINESS)
def board() -> ResponseReturnValue:
    """The leads by stage, to be dragged from one to the next; htmx gets the lanes alone."""
    actor = current_actor()
    asked = list_args.read(request.args, default_open=True)
    standards = Standards.of(clock.today())
    context = {
        **filter_context(asked, "leads.board"), "standards": standards, "sort": "",
        "lanes": lanes(actor, asked.filters, standards), "most": MOST,
        "may_move": actor.can(Capability.ADD_LEADS),
    }  # fmt: skip
    template = "leads/_board.html" if wants_fragment() else "leads/board.html"
    return render_template(template, **context)


def filter_context(asked: list_args.Asked, view: str) -> dict[str, Any]:
    """What `leads/_filters.html` draws; `view` is the endpoint that answers."""
    return {
        "asked": asked, "filters": asked.filters, "address": _address, "view": view,
        "choices": list_choices(), "Stage": Stage, "Status": Status, "Visibility": Visibility,
        "colors": list(reversed(Color)), "HonourKind": HonourKind, "Sector": Sector,
        "InvestorKind": InvestorKind,
    }  # fmt: skip


@bp.get("/claim", endpoint="claimable")
@requires(Capability.ADD_LEADS)
def show_claimable() -> ResponseReturnValue:
    """Leads without owner, which may be taken."""
    actor, today = current_actor(), clock.today()
    standards = Standards.of(today)
    page = lead_rows(
        actor, LeadFilters(unowned=True, statuses=OPEN_STATUSES), "-received",
        _number("page", 1), 50, standards=standards,
    )  # fmt: skip
    most = standards.rules["claims_per_day"]
    taken = claims_on(actor.id, today) if actor.id is not None else 0
    return render_template(
        "leads/claim.html", page=page, standards=standards, most=most, left=max(0, most - taken),
        address=_address,
    )  # fmt: skip


@bp.get("/collisions")
@requires(Capability.SEE_BUSINESS)
def collisions() -> ResponseReturnValue:
    """Who is already talking with the firm that is being typed, masked; empty when nobody is."""
    name, uscc, phone = (_typed(key) for key in ("name", "uscc", "phone"))
    matches = find_matches(name=name, uscc=uscc, phone=phone) if name or uscc or phone else []
    lines = collision_lines(current_actor(), matches)
    days = settings.rule("protection_days") if lines else 0
    return render_template("leads/_collisions.html", lines=lines, protection_days=days)


@bp.get("/amount")
@requires(Capability.SEE_BUSINESS)
def amount() -> ResponseReturnValue:
    """What an amount means that is being typed: the value in the field's unit, or why it has none."""
    name = next((key for key in request.args if key in PARSERS), "")
    text = request.args.get(name, "").strip()
    value, fault = None, ""
    if name and text:
        try:
            value = PARSERS[name](text)
        except QuantityError as error:
            fault = _(error.template, **error.params)
    unit = FIELDS[name].unit if name else ""
    return render_template("leads/_amount.html", value=value, fault=fault, unit=unit)


def _typed(name: str) -> str:
    return request.args.get(name, "").strip()[:200].replace("\x00", "")


def _number(name: str, default: int) -> int:
    text = request.args.get(name, "")
    return int(text) if list_args.is_id(text) and int(text) else default


def _address(*, endpoint: str = "", **changes: Any) -> str:
    """The address of this list with some parameters changed; None takes one away."""
    kept: dict[str, Any] = {
        key: values for key, values in request.args.lists() if key not in ("page", *changes)
    }
    kept.update({key: value for key, value in changes.items() if value not in (None, "", [])})
    query = urlencode(kept, doseq=True)
    base = url_for(endpoint or request.endpoint or "leads.list")
    return f"{base}?{query}" if query else base
