"""A small zone for the tests of interactions and of the desk: teams, people, firms, leads."""

from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm.accounts.models import Team, User
from crm.companies.kinds import NameKind
from crm.companies.models import Company, CompanyName, Contact
from crm.core import clock
from crm.core.permissions import Actor, Role, Visibility
from crm.extensions import db
from crm.interactions.kinds import InteractionKind
from crm.interactions.models import Interaction
from crm.leads.contacts import log_contact
from crm.leads.models import Lead, LeadPerson

TODAY = date(2026, 11, 24)
HTMX = {"HX-Request": "true"}


class World:
    """Two teams with an officer and a lead each, a manager, a reviewer, an admin, an auditor."""

    def __init__(self) -> None:
        self.session: Session = db.session()
        self.team = self._add(Team(name="装备制造招商科"))
        self.other_team = self._add(Team(name="外资招商科"))
        self.officer = self.person("zhou", "周敏", Role.OFFICER, self.team)
        self.colleague = self.person("wang", "王海峰", Role.OFFICER, self.team)
        self.team_lead = self.person("he", "何苗", Role.TEAM_LEAD, self.team)
        self.stranger = self.person("chen", "陈立", Role.OFFICER, self.other_team)
        self.other_lead = self.person("xu", "许冠", Role.TEAM_LEAD, self.other_team)
        self.manager = self.person("li", "李主任", Role.MANAGER, None)
        self.reviewer = self.person("sun", "孙工", Role.REVIEWER, None)
        self.admin = self.person("admin", "管理员", Role.ADMIN, None)
        self.auditor = self.person("audit", "审计员", Role.AUDITOR, None)
        self.company = self.firm("示例北辰液压有限公司", "示例北辰液压")
        self.session.commit()

    def _add(self, row: Any) -> Any:
        self.session.add(row)
        self.session.commit()
        return row

    def person(self, username: str, name: str, role: Role, team: Team | None) -> User:
        return self._add(User(username=username, name=name, role=role, team=team))  # type: ignore[no-any-return]

    def firm(self, name: str, short_name: str = "", **values: Any) -> Company:
        from crm.companies.names import initials_of, name_key, pinyin_of

        company = Company(name=name, short_name=short_name, **values)
        company.names = [
            CompanyName(
                name=name,
                kind=NameKind.FULL,
                key=name_key(name),
                pinyin=pinyin_of(name),
                initials=initials_of(name),
            )
        ]
        return self._add(company)  # type: ignore[no-any-return]

    def contact(self, name: str, company: Company | None = None) -> Contact:
        return self._add(Contact(company=company or self.company, name=name))  # type: ignore[no-any-return]

    def lead(
        self,
        owner: User | None = None,
        visibility: Visibility = Visibility.ZONE,
        named: tuple[User, ...] = (),
        **values: Any,
    ) -> Lead:
        owner = owner or self.officer
        day = values.pop("received_on", date(2026, 11, 2))
        columns: dict[str, Any] = {
            "title": "液压马达扩产",
            "company": self.company,
            "received_on": day,
            "stage_since": day,
            "owner": owner,
            "team": owner.team,
            "visibility": visibility,
            **values,
        }
        lead = Lead(**columns)
        lead.people = [LeadPerson(user_id=person.id) for person in named]
        return self._add(lead)  # type: ignore[no-any-return]

    def log(self, by: User | Actor | None = None, **values: Any) -> Interaction:
        """Log a contact as someone would, in a transaction of its own."""
        actor = by if isinstance(by, Actor) else (by or self.officer).as_actor()
        given: Any = {
            "kind": InteractionKind.VISIT,
            "occurred_on": clock.today(),
            "text": "看了老厂，两条线，想要200亩左右。",
            **values,
        }
        if not given.get("lead_id") and "company_ids" not in given:
            given["company_ids"] = [self.company.id]
        interaction = log_contact(actor=actor, on=clock.today(), values=given)
        self.session.commit()
        return interaction


def entry(world: World, **values: Any) -> dict[str, Any]:
    """The three fields of the quick form."""
    return {
        "company": world.company.id,
        "company_text": world.company.name,
        "text": "对方要200亩。",
        "next_step": "陪同看地",
        "next_on": "2026-11-26",
        "submission_key": "key-1",
        **values,
    }


def count(world: World) -> int:
    """How many interactions there are."""
    return world.session.scalar(select(func.count(Interaction.id))) or 0
