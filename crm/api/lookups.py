"""Finds the records that addresses and bodies name: by id, by ref, by username, by name.

What the caller may not see is found as little as what does not exist.
"""

from collections.abc import Collection
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select

from crm.accounts.models import Team, User
from crm.api.schemas.values import LARGEST_ID
from crm.companies.models import Company
from crm.companies.queries import get_by_ref, get_company
from crm.core.errors import Conflict, FieldErrors, NotFound
from crm.core.labels import N_
from crm.core.permissions import Actor, visible_by_lead, visible_leads
from crm.extensions import db
from crm.interactions.models import Interaction
from crm.leads.models import Lead

NO_COMPANY = N_("没有这家企业。")
NO_LEAD = N_("没有这条线索。")
NO_INTERACTION = N_("没有这条记录。")
_REF = "ref:"
NOBODY_ID = -1
"""Stands for a name that nobody bears: a list narrowed to it is empty."""


def company(key: str) -> Company:
    """The company of an address; one that was merged gives the one it went into."""
    number = _number(key)
    if number is not None:
        return get_company(number)
    if not _is_ref(key):
        raise NotFound(NO_COMPANY)
    return get_by_ref(key.removeprefix(_REF))


def lead(actor: Actor, key: str) -> Lead:
    """The lead of an address. Raises NotFound."""
    found = _one(Lead, key, visible_leads(actor, Lead))
    if found is None:
        raise NotFound(NO_LEAD)
    return found  # type: ignore[no-any-return]


def interaction(actor: Actor, key: str) -> Interaction:
    """The interaction of an address. Raises NotFound."""
    found = _one(Interaction, key, visible_by_lead(actor, Interaction.lead_id))
    if found is None:
        raise NotFound(NO_INTERACTION)
    return found  # type: ignore[no-any-return]


def _one(model: Any, key: str, condition: Any) -> Any:
    number = _number(key)
    if number is None and not _is_ref(key):
        return None
    wanted = model.id == number if number is not None else model.ref == key.removeprefix(_REF)
    return db.session.scalar(select(model).where(wanted, condition))


def _number(key: str) -> int | None:
    if key.isascii() and key.isdigit() and len(key) < 11 and 0 < int(key) <= LARGEST_ID:
        return int(key)
    return None


def _is_ref(key: str) -> bool:
    ref = key.removeprefix(_REF)
    return key.startswith(_REF) and 0 < len(ref) <= 120 and "\0" not in ref


def company_id(wanted: int | str, field: str) -> int:
    """The id of a company that a body names by id or ref. Raises FieldErrors."""
    return company_ids([wanted], field)[0]


def company_ids(wanted: Collection[int | str], field: str) -> list[int]:
    """The ids of companies by id or ref, in order. Raises FieldErrors naming the unknown ones."""
    refs = [one for one in wanted if isinstance(one, str)]
    ids = [one for one in wanted if isinstance(one, int)]
    query = select(Company.ref, Company.id).where(Company.ref.in_(refs))
    by_ref = dict(db.session.execute(query).all()) if refs else {}
    known = set(db.session.scalars(select(Company.id).where(Company.id.in_(ids))) if ids else ())
    unknown = [str(one) for one in wanted if one not in by_ref and one not in known]
    if unknown:
        text = _("没有这家企业：%(refs)s。", refs="、".join(unknown)[:200])
        raise FieldErrors({field: [text]})
    return [by_ref[one] if isinstance(one, str) else one for one in wanted]


def lead_id(actor: Actor, wanted: int | str, field: str) -> int:
    """The id of a lead that a body names. Raises FieldErrors, also where it is hidden."""
    condition = Lead.id == wanted if isinstance(wanted, int) else Lead.ref == wanted
    found = db.session.scalar(select(Lead.id).where(condition, visible_leads(actor, Lead)))
    if found is None:
        raise FieldErrors({field: [_(NO_LEAD)]})
    return found


def user_ids(usernames: Collection[str], field: str) -> list[int]:
    """The ids of people by username, in whatever case. Raises FieldErrors naming the unknown."""
    wanted = [name.strip().lower() for name in usernames]
    query = select(func.lower(User.username), User.id).where(func.lower(User.username).in_(wanted))
    found: dict[str, int] = dict(db.session.execute(query).all()) if wanted else {}
    unknown = [name for name in wanted if name not in found]
    if unknown:
        text = _("没有用户名为“%(ref)s”的用户。", ref="、".join(unknown)[:200])
        raise FieldErrors({field: [text]})
    return [found[name] for name in dict.fromkeys(wanted)]


def user_id(username: str | None, field: str) -> int | None:
    """The id of a person by username; none for none. Raises FieldErrors."""
    return user_ids([username], field)[0] if username and username.strip() else None


def team_id(name: str | None, field: str = "team") -> int | None:
    """The id of a team by name; none for none. Raises FieldErrors."""
    if not name or not name.strip():
        return None
    found = db.session.scalar(select(Team.id).where(Team.name == name.strip()))
    if found is None:
        raise FieldErrors({field: [_("没有“%(name)s”这个科室。", name=name.strip()[:80])]})
    return found


def user_filter(word: str) -> int:
    """Whom a list is narrowed to: a username, else an id."""
    return _filter(User, func.lower(User.username) == word.lower(), word)


def team_filter(word: str) -> int:
    """The team a list is narrowed to: a name, else an id."""
    return _filter(Team, Team.name == word, word)


def company_filter(word: str) -> int:
    """The company a list is narrowed to: `ref:…`, else an id."""
    return _filter(Company, Company.ref == word.removeprefix(_REF), word)


def lead_filter(word: str) -> int:
    """The lead a list is narrowed to; the list asks for access itself."""
    return _filter(Lead, Lead.ref == word.removeprefix(_REF), word)


def _filter(model: Any, condition: Any, word: str) -> int:
    found: int | None = db.session.scalar(select(model.id).where(condition))
    if found is not None:
        return found
    return _number(word) or NOBODY_ID


def refuse_taken_ref(model: Any, ref: str | None, besides: int | None = None) -> None:
    """Raise Conflict where another record of this kind has the ref."""
    if not ref or not ref.strip():
        return
    found = db.session.scalar(select(model.id).where(model.ref == ref.strip()))
    if found is not None and found != besides:
        text = _("已有一条记录使用编号“%(ref)s”。", ref=ref.strip()[:120])
        raise Conflict(text, field="ref")
