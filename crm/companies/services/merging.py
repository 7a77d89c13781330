"""Merging a duplicate into the company that is kept: everything this domain holds of it.

Leads and interactions are moved by their own domains, together with this in one transaction.
"""

from flask_babel import gettext as _
from sqlalchemy import func, select

from crm.companies.kinds import NameKind
from crm.companies.models import Company, CompanyName, Contact
from crm.companies.queries import subtree_ids
from crm.companies.services.documents import company_changed
from crm.companies.services.values import likely_kind
from crm.core import activity
from crm.core.clock import now
from crm.core.errors import Conflict, FieldErrors, NotAllowed
from crm.core.labels import N_
from crm.core.permissions import Actor, Capability
from crm.extensions import db

REASON_LENGTH = 500
_FILLED = (
    "short_name", "uscc", "country", "region", "investor_nature", "parent_id", "account_owner_id",
    "industry_code", "industry_version", "products", "summary",
)  # fmt: skip


def merge_companies(*, actor: Actor, keep: Company, gone: Company, reason: str) -> None:
    """Move names, honours, nodes, contacts and subsidiaries of `gone` to `keep`, and close `gone`.

    The names of the one that goes become other names of the one that stays; fields that are empty
    there are filled. First reports are closed records and stay as they are. The address of `gone`
    leads to `keep` from now on. Raises NotAllowed, Conflict, FieldErrors for a missing reason.
    """
    _check(actor, keep, gone, reason)
    db.session.flush()
    was = gone.name
    _move_names(keep, gone)
    _move_honours(keep, gone)
    _move_nodes(keep, gone)
    for contact in list(gone.contacts):
        contact.company = keep
    _move_children(keep, gone)
    _fill(keep, gone)
    gone.merged_into_id = keep.id
    keep.updated_at = now()
    db.session.flush()
    activity.record(
        actor=actor,
        verb="company.merge",
        subject_type="company",
        subject_id=keep.id,
        summary=f"{was} → {keep.name}",
        changes={"merged": [was, keep.name], "reason": ["", reason.strip()]},
    )
    company_changed([keep.id, gone.id], renamed=True)


def what_moves(gone: Company) -> dict[str, int]:
    """How many rows of this domain a merge would move, by kind, for the preview."""
    children = select(func.count()).where(
        Company.parent_id == gone.id, Company.merged_into_id.is_(None)
    )
    contacts = select(func.count()).where(Contact.company_id == gone.id)
    return {
        "names": len(gone.names),
        "honours": len(gone.honours),
        "nodes": len(gone.nodes),
        "contacts": db.session.scalar(contacts) or 0,
        "children": db.session.scalar(children) or 0,
    }


def _check(actor: Actor, keep: Company, gone: Company, reason: str) -> None:
    if not actor.can(Capability.MERGE_COMPANIES):
        raise NotAllowed(N_("合并企业须由科室负责人或分管领导办理。"))
    if keep.id == gone.id:
        raise Conflict(N_("请选择另一家企业：不能把企业并入它自己。"))
    if keep.merged_into_id is not None or gone.merged_into_id is not None:
        raise Conflict(N_("其中一家企业已经并入别的企业。"))
    if not reason.strip():
        raise FieldErrors({"reason": [_("请写明合并的理由。")]})
    if len(reason) > REASON_LENGTH:
        raise FieldErrors({"reason": [_("最多 %(most)d 个字。", most=REASON_LENGTH)]})


def _move_names(keep: Company, gone: Company) -> None:
    present = {row.name for row in keep.names}
    for row in list(gone.names):
        if row.name in present:
            gone.names.remove(row)
            continue
        present.add(row.name)
        kind = NameKind.FORMER if row.kind is NameKind.FULL else row.kind
        keep.names.append(
            CompanyName(
                name=row.name,
                kind=kind or likely_kind(row.name),
                key=row.key,
                pinyin=row.pinyin,
                initials=row.initials,
            )
        )
        gone.names.remove(row)


def _move_honours(keep: Company, gone: Company) -> None:
    present = {(row.kind, row.year, row.level) for row in keep.honours}
    for row in list(gone.honours):
        if (row.kind, row.year, row.level) not in present:
            row.company = keep


def _move_nodes(keep: Company, gone: Company) -> None:
    present = {row.node_id for row in keep.nodes}
    for row in list(gone.nodes):
        if row.node_id not in present:
            gone.nodes.remove(row)
            db.session.flush()
            keep.nodes.append(row)


def _move_children(keep: Company, gone: Company) -> None:
    """The subsidiaries change their parent; `keep` itself may have been one of them."""
    above_keep = keep.id in subtree_ids(gone.id)
    for child in db.session.scalars(select(Company).where(Company.parent_id == gone.id)):
        if child.id != keep.id:
            child.parent_id = keep.id
    if above_keep:
        # `keep` stood below `gone` and takes its place in the tree.
        keep.parent_id = gone.parent_id
    gone.parent_id = None


def _fill(keep: Company, gone: Company) -> None:
    """Empty fields of the one that stays get the values of the one that goes."""
    code, gone.uscc = gone.uscc, None
    # The code is unique: it must be free before the other may have it.
    db.session.flush()
    for key in _FILLED:
        value = code if key == "uscc" else getattr(gone, key)
        if not getattr(keep, key) and value and value != keep.id:
            setattr(keep, key, value)
    keep.in_zone = keep.in_zone or gone.in_zone
    keep.is_anchor = keep.is_anchor or gone.is_anchor
