"""What the forms are drawn with: picked firms and colleagues, leads to choose, open steps."""

from dataclasses import dataclass, field
from typing import Any

from flask import request

from crm.accounts.models import User
from crm.companies.models import Company, Contact
from crm.core import clock
from crm.core.permissions import Actor
from crm.core.settings import rule
from crm.core.web import current_actor
from crm.interactions.filetypes import EXTENSIONS
from crm.interactions.models import Interaction
from crm.interactions.queries import open_steps
from crm.interactions.rights import guard_of, may_complete
from crm.interactions.services.files import MOST_FILES
from crm.leads.contact_forms import FIGURES, ContactForm
from crm.leads.contact_intake import NO_LEAD, open_leads_of
from crm.leads.contact_queries import companies_by_id, contacts_of, lead_of, people_by_id
from crm.leads.fields import FIELDS
from crm.leads.models import Lead


@dataclass
class Picks:
    """The records that the form's fields name."""

    companies: list[Company] = field(default_factory=list)
    people: list[User] = field(default_factory=list)
    leads: list[Lead] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)
    steps: list[Interaction] = field(default_factory=list)

    @classmethod
    def of(cls, form: ContactForm, *, several: bool, present: Interaction | None = None) -> "Picks":
        """Look up what the form names and fill its choices. `present` is what is being edited."""
        actor = current_actor()
        ids, _names = form.company.picked(several=several)
        companies = companies_by_id(ids)
        leads = open_leads_of(actor, [company.id for company in companies])
        chosen = _chosen(actor, form, present)
        if chosen is not None and chosen.id not in {lead.id for lead in leads}:
            leads.insert(0, chosen)
        form.offer_leads(leads, chosen=chosen.id if chosen else None)
        lead_id = int(form.lead.data) if form.lead.data not in ("", NO_LEAD) else None
        picks = cls(companies=companies, leads=leads, people=people_by_id(form.participants.data))
        picks.contacts = contacts_of([company.id for company in companies])
        if present is None and companies:
            found = open_steps(
                actor, lead_id=lead_id, company_ids=[company.id for company in companies]
            )
            picks.steps = [step for step in found if may_complete(actor, step, guard_of(step))]
        return picks


def _chosen(actor: Actor, form: ContactForm, present: Interaction | None) -> Lead | None:
    """The lead that the form names, or the one on which the edited interaction hangs."""
    wanted = form.lead.data or ""
    if wanted.isascii() and wanted.isdigit() and wanted != NO_LEAD and len(wanted) < 10:
        return lead_of(actor, int(wanted))
    if present is not None and present.lead_id and wanted != NO_LEAD:
        return lead_of(actor, present.lead_id)
    return None


def prefill(form: ContactForm) -> None:
    """Begin a new form with what its address names: a company, a lead, a step that is done."""
    form.start(clock.today())
    company_id = request.args.get("company", type=int)
    lead = lead_of(current_actor(), request.args.get("lead", 0, type=int))
    if lead is not None:
        form.lead.data = str(lead.id)
        company_id = lead.company_id
    if company_id:
        form.company.data = [company.id for company in companies_by_id([company_id])]
    done = request.args.get("done", type=int)
    if done:
        form.done_steps.data = [done]
    form.back.data = request.args.get("back", "")[:500]


def quick_context(form: ContactForm, picks: Picks) -> dict[str, Any]:
    """What `_quick.html` is drawn with."""
    return {
        "form": form,
        "picks": picks,
        "figures": FIGURES,
        "units": {name: FIELDS[name].unit for name in FIGURES},
        "today": clock.today(),
    }


def full_context(form: ContactForm, picks: Picks, **more: Any) -> dict[str, Any]:
    """What the full form is drawn with."""
    return {
        **quick_context(form, picks),
        "max_mb": rule("attachment_mb"),
        "max_files": MOST_FILES,
        "accept": ",".join(f".{extension}" for extension in EXTENSIONS),
        "interaction": None,
        **more,
    }
