"""Typeaheads: companies while typing, and what a typeahead of a form has sent."""

import re
from typing import NamedTuple

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crm.accounts.guards import requires
from crm.accounts.models import User
from crm.companies import queries
from crm.companies.models import Company
from crm.companies.routes.blueprint import bp
from crm.core.errors import FieldErrors, NotFound
from crm.core.labels import N_
from crm.core.permissions import Capability

MATCHED_BY = {
    "name": "",
    "alias": "",
    "uscc": N_("信用代码"),
    "phone": N_("电话"),
    "pinyin": N_("拼音"),
    "spelling": N_("名称相近"),
}
_SEPARATORS = re.compile(r"[；;]")


@bp.get("/typeahead.json")
@requires(Capability.SEE_BUSINESS)
def typeahead() -> ResponseReturnValue:
    """Companies for a typeahead: `{"items": [{id, label, sub, side, ref}]}`."""
    found = queries.typeahead(request.args.get("q", ""))
    return {
        "items": [
            {
                "id": match.company_id,
                "label": match.name,
                "sub": match.matched_name if match.matched_name != match.name else "",
                "side": _(MATCHED_BY[match.matched_by]) or match.region,
                "ref": match.ref,
            }
            for match in found
        ]
    }


class Picked(NamedTuple):
    """What a typeahead sent: ids that were picked, and the text that stood in the box."""

    ids: list[str]
    text: str


def picked(name: str) -> Picked:
    """The fields of a typeahead of this name."""
    ids = [value for value in request.form.getlist(name)[:100] if value]
    return Picked(ids, request.form.get(f"{name}_text", "").replace("\x00", "").strip()[:2000])


def picked_company(name: str, unknown: str) -> Company | None:
    """The company that was picked, or the one whose exact name was typed; None for an empty box.

    Raises FieldErrors with the text `unknown`. Without script the box may say something else than
    the id beside it: then the text holds.
    """
    ids, text = picked(name)
    if not text and not ids:
        return None
    if not text and f"{name}_text" in request.form:
        # The box was emptied while the id stayed behind, as happens without script.
        return None
    company = _company(ids[0]) if ids else None
    if text and (company is None or text not in (company.name, company.short_name)):
        company = queries.company_by_name(text)
    if company is None:
        raise FieldErrors({name: [unknown]})
    return company


def _company(text: str) -> Company | None:
    try:
        return queries.get_company(int(text)) if text.isdigit() and len(text) < 10 else None
    except NotFound:
        return None


def picked_person(name: str) -> User | None:
    """The colleague who was picked, or whose exact name was typed. Raises FieldErrors."""
    ids, text = picked(name)
    if not text and (not ids or f"{name}_text" in request.form):
        return None
    user = queries.person(int(ids[0])) if ids and ids[0].isdigit() and len(ids[0]) < 10 else None
    if text and (user is None or text != user.name):
        user = queries.person_named(text)
    if user is None:
        raise FieldErrors({name: [_("没有找到“%(name)s”，请从列表里选择。", name=text[:30])]})
    return user


def picked_nodes(name: str) -> list[str]:
    """The chain nodes that were picked, and those whose names were typed. Raises FieldErrors.

    Without script the box holds all names: those taken out of it are taken off.
    """
    ids, text = picked(name)
    typed = [word.strip() for word in _SEPARATORS.split(text) if word.strip()]
    if not typed:
        return ids
    known = queries.nodes_named(typed)
    unknown = [word for word in typed if word not in known]
    if unknown:
        raise FieldErrors({name: [_("没有找到“%(name)s”，请从列表里选择。", name=unknown[0][:30])]})
    labels = queries.node_names(ids)
    box_is_whole = any(label in typed for label in labels.values())
    return list(known.values()) if box_is_whole else [*ids, *known.values()]
