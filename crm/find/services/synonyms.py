"""Trade terms, edited in the product; the next search reads them, no index has to be built anew."""

from collections.abc import Sequence

from flask_babel import gettext as _
from sqlalchemy import select

from crm.core import activity
from crm.core.errors import FieldErrors, NotFound
from crm.core.permissions import Actor
from crm.extensions import db
from crm.find import terms as rules
from crm.find.models import SynonymGroup
from crm.find.terms import Group
from search.analysis import normalise


def groups(q: str = "") -> list[SynonymGroup]:
    """All groups, or those with a term that contains what was typed; equal terms go first."""
    rows = list(db.session.scalars(select(SynonymGroup).order_by(SynonymGroup.id)))
    wanted = normalise(q)
    found = [row for row in rows if wanted in f"{normalise(row.wider)}\n{_keys(row.terms)}"]
    return sorted(found, key=lambda row: bool(row.wider))


def get(group_id: int) -> SynonymGroup:
    """One group. Raises NotFound."""
    found = db.session.get(SynonymGroup, group_id) if 0 < group_id < 2**31 else None
    if found is None:
        raise NotFound(_("没有这组词。"))
    return found


def add(*, actor: Actor, wider: str, terms: str) -> SynonymGroup:
    """Add a group. Raises FieldErrors for what is empty, too long, repeated or turns in a circle."""
    typed = _checked(_typed(wider, terms), _groups())
    row = SynonymGroup(wider=typed.wider, terms=list(typed.terms))
    db.session.add(row)
    db.session.flush()
    _log(actor, "synonym.add", row.id, None, typed)
    return row


def change(*, actor: Actor, row: SynonymGroup, wider: str, terms: str) -> bool:
    """Change a group; whether anything is different. Raises FieldErrors like `add`."""
    before, typed = _group(row), _typed(wider, terms)
    if typed == before:
        return False
    typed = _checked(typed, _groups(without=row.id))
    row.wider, row.terms = typed.wider, list(typed.terms)
    _log(actor, "synonym.change", row.id, before, typed)
    return True


def remove(*, actor: Actor, row: SynonymGroup) -> None:
    """Forget a group."""
    _log(actor, "synonym.remove", row.id, _group(row), None)
    db.session.delete(row)


def _typed(wider: str, terms: str) -> Group:
    return Group(" ".join(wider.split()), rules.split(terms))


def _group(row: SynonymGroup) -> Group:
    return Group(row.wider, tuple(row.terms))


def _groups(without: int | None = None) -> list[Group]:
    rows = db.session.scalars(select(SynonymGroup).order_by(SynonymGroup.id))
    return [_group(row) for row in rows if row.id != without]


def _keys(terms: Sequence[str]) -> str:
    return "\n".join(map(normalise, terms))


def _checked(group: Group, others: Sequence[Group]) -> Group:
    """The group, if it is one. Raises FieldErrors."""
    fault = _fault_in_wider(group, others)
    if fault:
        raise FieldErrors({"wider": [fault]})
    fault = _fault_in_terms(group) or _fault_beside(group, others)
    if fault:
        raise FieldErrors({"terms": [fault]})
    return group


def _fault_in_wider(group: Group, others: Sequence[Group]) -> str | None:
    if not group.wider:
        return None
    if len(group.wider) > rules.LONGEST or not normalise(group.wider):
        return _("上位词要有字或数字，最多 %(n)s 个字。", n=rules.LONGEST)
    if len(rules.split(group.wider)) > 1:
        return _("上位词只填一个。")
    if rules.narrower_of(group.wider, others):
        return _("“%(term)s”已有一组下位词，请直接改那一组。", term=group.wider)
    return None


def _fault_in_terms(group: Group) -> str | None:
    if len(group.terms) < (1 if group.wider else 2):
        return _("请至少填一个下位词。") if group.wider else _("意思相同的词至少要两个。")
    if len(group.terms) > rules.MOST:
        return _("一组最多 %(n)s 个词。", n=rules.MOST)
    for term in group.terms:
        if not normalise(term):
            return _("“%(term)s”里没有字或数字，查不到东西。", term=term[: rules.LONGEST])
        if len(term) > rules.LONGEST:
            return _("“%(term)s…”太长，一个词最多 %(n)s 个字。", term=term[:10], n=rules.LONGEST)
    repeated = rules.repeated((group.wider, *group.terms) if group.wider else group.terms)
    return _("“%(term)s”重复了。", term=repeated) if repeated else None


def _fault_beside(group: Group, others: Sequence[Group]) -> str | None:
    """What contradicts the other groups."""
    if not group.wider:
        for term in group.terms:
            if holder := rules.holder_of(term, others):
                return _(
                    "“%(term)s”已在“%(group)s”一组里，请直接改那一组。",
                    term=term,
                    group=rules.joined(holder),
                )
    circle = rules.loop([*others, group])
    if circle:
        return _("这样“%(term)s”会成为自己的下位词，请检查上下关系。", term=circle)
    return None


def _log(actor: Actor, verb: str, group_id: int, before: Group | None, after: Group | None) -> None:
    pair = [rules.joined(one) if one else None for one in (before, after)]
    activity.record(
        actor=actor,
        verb=verb,
        subject_type="synonym",
        subject_id=group_id,
        changes={"terms": pair},
    )
