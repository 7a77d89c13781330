"""Every address of the product and who may open it. An address missing here fails.

`public` needs no session, `signed_in` any session, `token:…` an API token; everything else is the
right that the person's role must carry. For people without it the address does not exist (404).
"""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from crm.core.permissions import CAPABILITIES, Capability, Role
from tests.factories import ContactFactory, InteractionFactory, LeadFactory

WHO_MAY_OPEN: dict[str, list[str]] = {
    "public": [
        "api.describe", "auth.session_state", "auth.sign_in", "auth.try_sign_in", "health.figures",
        "health.live", "health.ready", "static",
    ],
    "signed_in": [
        "account.change_password", "account.create_token", "account.end_all",
        "account.end_others", "account.end_session", "account.language", "account.password",
        "account.revoke_token", "account.show", "auth.sign_out", "desk.show",
        # Which kinds a person may import depends on the role; the pages ask themselves.
        "exchange.discard", "exchange.errors", "exchange.run", "exchange.show",
        "exchange.start_import", "exchange.template", "exchange.upload",
    ],
    "export": ["exchange.export", "exchange.start_export"],
    "see_business": [
        "account.people_json", "chains.nodes_json", "companies.columns", "companies.detail",
        "companies.list", "companies.reveal_phone", "companies.typeahead", "desk.open_notice",
        "desk.read_notices", "find.change_saved", "find.open_saved", "find.save", "find.saved",
        "find.search", "find.suggest_json", "funnel.picture", "funnel.rows", "funnel.show", "interactions.attachment", "interactions.detail",
        "interactions.list", "leads.amount", "leads.collisions", "leads.detail", "leads.board", "leads.list",
    ],
    "edit_companies": [
        "companies.archive_contact", "companies.duplicates", "companies.edit",
        "companies.edit_contact", "companies.new", "companies.new_contact", "companies.row",
    ],
    "merge_companies": ["companies.merge"],
    "log_contacts": [
        "contact_log.context", "contact_log.edit", "contact_log.new", "contact_log.parse",
        "contact_log.quick", "contact_log.step_done", "contact_log.step_moved",
        "contact_log.step_undone",
    ],
    "add_leads": [
        "leads.advance", "leads.bulk_step", "leads.drop", "leads.claim", "leads.claimable", "leads.edit", "leads.name_person",
        "leads.new", "leads.status", "leads.unavailable", "leads.unname_person",
    ],
    "override_gate": ["leads.appraisal"],
    "reassign": [
        "leads.assign", "leads.bulk_assign", "leads.hand_over", "leads.hand_over_person",
        "leads.release",
    ],
    "set_rules": [
        "admin.add_item", "admin.calendar", "admin.change_item", "admin.remove_workday",
        "admin.save_rules", "admin.set_workday", "admin.settings", "find.add_synonyms",
        "find.change_synonyms", "find.synonyms",
    ],
    "administer": [
        "admin.create_team", "admin.create_user", "admin.disable_user", "admin.enable_user",
        "admin.new_user", "admin.reset_password", "admin.teams", "admin.update_team",
        "admin.update_user", "admin.user", "admin.users", "find.operations", "find.start_task",
    ],
    "read_audit": ["admin.audit"],
    "token:see_business": [
        "api.change_interaction", "api.change_lead", "api.change_status", "api.collisions",
        "api.funnel", "api.get_company", "api.get_interaction", "api.get_lead", "api.list_companies",
        "api.list_interactions", "api.list_leads", "api.move_lead", "api.search", "api.suggest",
    ],
    "token:edit_companies": ["api.add_company", "api.change_company"],
    "token:add_leads": ["api.add_lead"],
    "token:log_contacts": ["api.add_interaction"],
}  # fmt: skip
TABLE = {endpoint: who for who, endpoints in WHO_MAY_OPEN.items() for endpoint in endpoints}


@pytest.fixture
def databases(sqlite_databases: Any) -> Any:
    """Who may open a page does not depend on the database: one is enough here."""
    return sqlite_databases


def test_every_address_is_in_the_table_and_guarded_as_it_says(app: Flask) -> None:
    found = {
        endpoint: str(getattr(view, "guard", "public" if endpoint == "static" else "unguarded"))
        for endpoint, view in app.view_functions.items()
    }
    assert found == TABLE


@pytest.mark.parametrize("role", list(Role))
def test_pages_open_for_those_with_the_right_and_for_no_one_else(
    app: Flask, db_session: Session, as_user: Callable[..., Any], role: Role
) -> None:
    lead = LeadFactory()
    note = InteractionFactory(lead=lead)
    contact = ContactFactory(company=lead.company)
    db_session.commit()
    client = as_user(role=role, team="项目一科")
    ids = {
        "lead_id": lead.id, "interaction_id": note.id, "company_id": lead.company_id,
        "contact_id": contact.id, "user_id": client.user.id, "kind": "aliases", "token": "none", "ending": ".csv",
    }  # fmt: skip
    for rule in app.url_map.iter_rules():
        who = TABLE.get(rule.endpoint, "")
        if "GET" not in (rule.methods or ()) or who.startswith("token:") or who == "public":
            continue
        allowed = who == "signed_in" or Capability(who) in CAPABILITIES[role]
        answer = client.get(_address(app, rule, ids))
        if not allowed:
            assert answer.status_code == 404, f"{role} opened {rule.rule}"
        elif rule.endpoint not in BY_RECORD:
            assert answer.status_code in (200, 303), f"{role} {rule.rule}: {answer.status_code}"


# Whether these open depends on the single record or file as well; their own tests say how.
BY_RECORD = {
    "contact_log.edit", "exchange.errors", "exchange.show", "exchange.start_import", "find.open_saved",
    "exchange.template", "interactions.attachment", "leads.advance", "leads.appraisal",
    "leads.assign", "leads.edit", "leads.hand_over", "leads.hand_over_person", "leads.status",
}  # fmt: skip


def test_without_a_session_pages_lead_to_the_sign_in(app: Flask, client: Any) -> None:
    for rule in app.url_map.iter_rules():
        who = TABLE.get(rule.endpoint, "")
        if "GET" not in (rule.methods or ()) or who == "public":
            continue
        answer = client.get(_address(app, rule, {}))
        if who.startswith("token:"):
            assert answer.status_code == 401, rule.rule
        else:
            assert answer.status_code in (303, 401), rule.rule
            assert "/login" in answer.headers.get("Location", "/login"), rule.rule


def _address(app: Flask, rule: Rule, ids: dict[str, Any]) -> str:
    values = {name: ids.get(name, ".csv" if name == "ending" else 1) for name in rule.arguments}
    return str(app.url_map.bind("localhost").build(rule.endpoint, values))
