"""The firms whose names stand in a text."""

from sqlalchemy import func, literal, select

from crm.companies import names
from crm.companies.models import Company, CompanyName
from crm.companies.queries import exclusions
from crm.extensions import db

_LONGEST = 4_000
_SHORTEST = 2
_MOST = 50


def firm_candidates(text: str) -> list[tuple[str, int]]:
    """Names and short forms of known firms that a text contains, with ids, the longest first.

    A name that stands there inside an excluded string (徐工 in 徐工程师) is none.
    """
    text = text[:_LONGEST].replace("\x00", "")
    lower = text.lower()
    found: list[tuple[str, int]] = []
    excluded = exclusions()
    folded = names.fold_key(text)
    query = (
        select(CompanyName.company_id, CompanyName.name, CompanyName.key)
        .join(Company, Company.id == CompanyName.company_id)
        .where(
            Company.merged_into_id.is_(None),
            func.length(CompanyName.key) >= _SHORTEST,
            literal(folded).contains(CompanyName.key),
        )
        .order_by(func.length(CompanyName.key).desc(), CompanyName.id)
        .limit(_MOST)
    )
    for company_id, name, key in db.session.execute(query):
        if names.means_other(folded, key, excluded.get(key, ())):
            continue
        found += [(one, company_id) for one in dict.fromkeys((name, key)) if one.lower() in lower]
    return found
