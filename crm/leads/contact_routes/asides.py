"""Parts of the forms that change while they are filled in."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from crm.accounts.guards import requires
from crm.core import clock
from crm.core.permissions import Capability
from crm.interactions.kinds import InteractionKind
from crm.interactions.parse import read
from crm.interactions.queries import firm_candidates
from crm.leads.contact_forms import ContactForm
from crm.leads.contact_queries import companies_by_id
from crm.leads.contact_routes.blueprint import bp
from crm.leads.contact_routes.drawing import Picks, quick_context

_LONGEST = 20_000


@bp.get("/context")
@requires(Capability.LOG_CONTACTS)
def context() -> ResponseReturnValue:
    """Leads, open steps and contacts of the firms that were picked."""
    place = request.args.get("place", "log")
    several = place not in ("quick", "desk")
    form = ContactForm(request.args, place=place if not several else "log")
    picks = Picks.of(form, several=several)
    return render_template("contact_log/_context.html", **quick_context(form, picks), full=several)


@bp.post("/parse")
@requires(Capability.LOG_CONTACTS)
def parse() -> ResponseReturnValue:
    """What a pasted text seems to say, as chips to press; nothing is written here."""
    text = request.form.get("text", "")[:_LONGEST]
    found = read(text, on=clock.today(), firms=firm_candidates(text))
    firms = companies_by_id([int(one.value) for one in found if one.field == "company"])
    return render_template(
        "contact_log/_parsed.html",
        found=found,
        firms={str(company.id): company.name for company in firms},
        kinds={kind.value: kind.label for kind in InteractionKind},
        today=clock.today(),
    )
