"""The blueprint, and what its views share."""

import re
from decimal import Decimal
from typing import Any

from flask import Blueprint, abort, request
from flask_babel import gettext as _

from crm.core import formatting
from crm.core.errors import DomainError, FieldErrors, StaleVersion
from crm.core.forms import BaseForm
from crm.core.translating import gettext as quick_gettext
from crm.core.web import current_actor
from crm.leads.fields import unit_of
from crm.leads.lights import Reason
from crm.leads.models import Lead
from crm.leads.queries import get_lead
from crm.leads.queries.one import leads_by_ids

bp = Blueprint("leads", __name__, url_prefix="/leads")
MOST_AT_ONCE = 200
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


@bp.app_template_filter("reason")
def reason_text(reason: Reason) -> str:
    """Why a light or clock shows its colour, in the reader's language."""
    params = {
        name: quick_gettext(value) if isinstance(value, str) else value
        for name, value in reason.params.items()
    }
    return quick_gettext(reason.template, **params)


@bp.app_template_filter("logged")
def logged_text(value: Any, name: str, currency: str = "") -> str:
    """A value of the log of changes: numbers with their unit, all else as it stands there."""
    text = "" if value is None else str(value)
    unit = unit_of(name, currency)
    if unit and _NUMBER.fullmatch(text):
        space = "" if unit == "%" else " "
        return f"{formatting.number(Decimal(text))}{space}{quick_gettext(unit)}"
    return text


def load(lead_id: int) -> Lead:
    """The lead of an address; 404 where there is none that the person may see."""
    lead = get_lead(current_actor(), lead_id)
    if lead is None:
        abort(404)
    return lead


def check_version(form: Any, lead: Lead) -> None:
    """Raise StaleVersion when the lead has changed since the form was drawn."""
    sent = form.version.data
    if sent and sent != str(lead.version):
        raise StaleVersion(_("这条线索刚被别人改过，请核对后再保存。"))


def show_refusal(form: BaseForm, error: DomainError) -> int:
    """Put the business's refusal on the form; returns the status to answer with."""
    if isinstance(error, FieldErrors):
        form.add_errors(error.errors)
    else:
        form.add_errors({error.field or "": [error.message]})
    return error.status


def chosen_leads() -> list[Lead]:
    """The leads that were ticked; 404 when one of them is not there for this person."""
    words = request.values.getlist("ids")[:MOST_AT_ONCE]
    ids = dict.fromkeys(int(w) for w in words if w.isascii() and w.isdigit() and len(w) < 10)
    leads = leads_by_ids(current_actor(), list(ids))
    if leads is None:
        abort(404)
    return leads
