"""What the index holds agrees with the records after every kind of change."""

import io
from collections.abc import Callable

from flask import Flask
from sqlalchemy.orm import Session

from crm.accounts.services.people import update_user
from crm.accounts.services.rules import rename_item
from crm.companies.services import save_contact, update_company
from crm.core import clock
from crm.core.permissions import SYSTEM
from crm.core.settings import ListItem, ListKind
from crm.core.unit_of_work import unit_of_work
from crm.interactions.kinds import InteractionKind
from crm.interactions.models import Interaction
from crm.leads.contacts import Upload, complete_next_step, log_contacts, revise_contact
from crm.leads.models import Lead
from crm.leads.services import PastStage, add_stage_histories
from crm.leads.stages import Stage
from tests.factories import CompanyFactory, ContactFactory, InteractionFactory, LeadFactory
from tests.integration.api.caller import Caller


def check(app: Flask) -> None:
    """Nothing differs once the queue is empty."""
    index = app.extensions["search_index"]
    index.drain(timeout=20)
    differences = index.verify()
    assert not differences, differences
    assert index.engine.documents()["lead"] > 0


def built(app: Flask) -> None:
    """Take over what the factories wrote behind the services' backs."""
    app.extensions["search_index"].rebuild()
    check(app)


def test_a_contact_shows_on_its_lead(app: Flask, officer: Caller, db_session: Session) -> None:
    lead = LeadFactory(owner=officer.user)
    db_session.commit()
    built(app)
    body = {
        "kind": "visit", "occurred_on": clock.today().isoformat(), "lead_id": lead.id,
        "text": "谈了用地", "next_step": "送样", "next_on": clock.today().isoformat(),
    }  # fmt: skip
    made = officer.made("/interactions", body)
    check(app)
    with unit_of_work():
        row = {
            "kind": InteractionKind.CALL, "occurred_on": clock.today(),
            "lead_id": lead.id, "text": "来电", "author_id": None,
        }  # fmt: skip
        assert not log_contacts(actor=SYSTEM, on=clock.today(), rows=[row]).errors  # type: ignore[list-item]
    check(app)
    officer.patch(f"/interactions/{made['id']}", {"next_step": "改送图纸"})
    check(app)
    with unit_of_work():
        interaction = db_session.get(Interaction, made["id"])
        assert interaction is not None
        complete_next_step(actor=SYSTEM, on=clock.today(), interaction=interaction)
    check(app)
    with unit_of_work():
        revise_contact(
            actor=SYSTEM, on=clock.today(), interaction=interaction, values={},
            files=[Upload("纪要.txt", io.BytesIO("纪要".encode()))],
        )  # fmt: skip
    check(app)


def test_a_move_shows_on_the_notes_of_the_lead(
    app: Flask, calls: Callable[..., Caller], db_session: Session
) -> None:
    leader = calls("team_lead")
    assert leader.user is not None
    lead = LeadFactory(owner=leader.user, team=leader.user.team)
    InteractionFactory(lead=lead)
    db_session.commit()
    built(app)
    day = clock.today().isoformat()
    body = {"stage": "negotiating", "on": day, "override_reason": "示例"}
    assert leader.post(f"/leads/{lead.id}/stage", body).status_code == 200
    check(app)
    body = {"status": "paused", "on": day}
    assert leader.post(f"/leads/{lead.id}/status", body).status_code == 200
    check(app)
    with unit_of_work():
        past = PastStage(lead=lead, stage=Stage.SIGNED, on=clock.today())
        assert add_stage_histories(actor=SYSTEM, rows=[past]) == [True]
    check(app)


def test_names_follow_to_where_they_are_shown(
    app: Flask, officer: Caller, db_session: Session
) -> None:
    assert officer.user is not None
    anchor = CompanyFactory()
    lead: Lead = LeadFactory(owner=officer.user, anchors=[anchor])
    contact = ContactFactory(company=lead.company)
    item = ListItem(kind=ListKind.SOURCE.value, label="示例来源", position=1, active=True)
    lead.source = item
    note: Interaction = InteractionFactory(author=officer.user)
    note.contacts.append(contact)
    db_session.commit()
    built(app)
    with unit_of_work():
        update_user(actor=SYSTEM, user=officer.user, values={"name": "周改名"})
    check(app)
    with unit_of_work():
        rename_item(actor=SYSTEM, item=item, label="示例新来源")
    check(app)
    with unit_of_work():
        save_contact(
            actor=SYSTEM, company=contact.company, contact=contact, values={"name": "示例新名"}
        )
    check(app)
    with unit_of_work():
        values = {"name": "示例改名链主"}
        update_company(actor=SYSTEM, on=clock.today(), company=anchor, values=values)  # type: ignore[arg-type]
    check(app)
