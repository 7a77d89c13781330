"""People, firms and leads of a test's own, put into the database of the running server.

Tests that change something make what they change: the demo data stays as it is for all others,
and no two tests of a run wait for one another.
"""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy.orm import scoped_session

from crm.accounts import passwords
from crm.accounts.models import User
from crm.accounts.sign_in import SESSION_KEY, start_session
from crm.companies.models import Company, Contact
from crm.core import clock, outbox
from crm.core.permissions import Role
from crm.core.unit_of_work import unit_of_work
from crm.extensions import db
from crm.interactions.models import Interaction
from crm.leads.models import Lead
from tests.conftest import app_for
from tests.factories import (
    CompanyFactory,
    ContactFactory,
    InteractionFactory,
    LeadFactory,
    UserFactory,
    make_uscc,
    team_named,
)

PASSWORD = "浏览器里用的口令-2026"
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Person:
    """Who signs in."""

    id: int
    username: str
    name: str


@dataclass
class World:
    """Writes into the database behind the live server."""

    app: Flask
    _cookies: dict[int, str] = field(default_factory=dict)

    @classmethod
    @contextmanager
    def of(cls, data_dir: Path) -> Iterator["World"]:
        """The world of the server that runs on this folder."""
        app = app_for(f"sqlite:///{data_dir / 'crm.sqlite3'}", data_dir)
        yield cls(app)
        with app.app_context():
            db.engine.dispose()
        app.extensions["search_index"].engine.close()

    @contextmanager
    def writing(self) -> Iterator[scoped_session[Any]]:
        """A unit of work in the server's database."""
        with self.app.app_context(), unit_of_work():
            yield db.session

    def person(self, role: Role, team: str | None = "项目一科", **fields: Any) -> Person:
        """A new person with the password `PASSWORD`."""
        number = next(_numbers)
        with self.writing():
            user = UserFactory(
                username=f"browser{number}",
                name=fields.pop("name", f"示例{_digits(number)}"),
                role=role,
                team=team_named(team) if team else None,
                password_hash=passwords.hash_password(PASSWORD),
                **fields,
            )
            return Person(user.id, user.username, user.name)

    def company(self, name: str, **fields: Any) -> int:
        """A new firm; returns its id."""
        with self.writing():
            company = CompanyFactory(
                name=name, uscc=make_uscc(90_000_000 + next(_numbers)), **fields
            )
            outbox.enqueue("company", [company.id])
            found: int = company.id
            return found

    def lead(self, title: str, owner: Person, company_id: int, **fields: Any) -> int:
        """A new lead of this firm; returns its id."""
        with self.writing() as session:
            lead = LeadFactory(
                title=title,
                owner=session.get(User, owner.id),
                company=session.get(Company, company_id),
                **fields,
            )
            outbox.enqueue("lead", [lead.id])
            found: int = lead.id
            return found

    def contact(self, company_id: int, **fields: Any) -> int:
        """A new person at a firm; returns the id."""
        with self.writing() as session:
            contact = ContactFactory(company=session.get(Company, company_id), **fields)
            found: int = contact.id
            return found

    def note(self, author: Person, lead_id: int, text: str, **fields: Any) -> int:
        """A new interaction on a lead, whose facts follow it; returns its id."""
        with self.writing() as session:
            lead = session.get_one(Lead, lead_id)
            note = InteractionFactory(
                lead=lead, author=session.get(User, author.id), text=text, **fields
            )
            lead.contact_count += 1
            lead.last_contact_on = note.occurred_on
            if note.next_on:
                lead.next_step, lead.next_on = note.next_step, note.next_on
            outbox.enqueue("interaction", [note.id])
            found: int = note.id
            return found

    def get(self, model: type[Any], record_id: int, *names: str) -> tuple[Any, ...]:
        """Fields of a record as they stand now."""
        with self.app.app_context():
            record = db.session.get_one(model, record_id)
            return tuple(getattr(record, name) for name in names)

    def count_notes(self, text: str) -> int:
        """How many interactions hold this text."""
        with self.app.app_context():
            return db.session.query(Interaction).filter(Interaction.text.contains(text)).count()

    def first_id(self, model: type[Any]) -> int | None:
        """The id of some record of this kind, for pages that show one."""
        with self.app.app_context():
            found: int | None = db.session.query(model.id).order_by(model.id).limit(1).scalar()
            return found

    def contact_of(self, company_id: int) -> int:
        """The id of a contact of the firm."""
        with self.app.app_context():
            found: int = (
                db.session.query(Contact.id).filter(Contact.company_id == company_id).limit(1)
            ).scalar()
            return found

    def today(self) -> date:
        """The day as the server counts it."""
        return clock.today()

    def cookie(self, person: Person) -> str:
        """The value of the session cookie of a browser in which this person is signed in."""
        with self.app.test_request_context(), unit_of_work():
            user = db.session.get_one(User, person.id)
            key = start_session(user, browser="browser tests")
        serializer = self.app.session_interface.get_signing_serializer(self.app)  # type: ignore[attr-defined]
        signed: str = serializer.dumps({SESSION_KEY: key, "_permanent": True})
        return signed


def _digits(number: int) -> str:
    """A number as a person's name may hold it."""
    return "".join("零一二三四五六七八九"[int(digit)] for digit in str(number))
