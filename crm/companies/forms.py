"""Shapes of input of the pages of companies."""

from typing import Any

from flask_babel import gettext as _, lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    Field,
    FieldList,
    Form,
    FormField,
    HiddenField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from crm.companies.fields import COMPANY, CONTACT
from crm.companies.kinds import DecisionRole, HonourKind, HonourLevel, InvestorNature, NameKind
from crm.core.forms import LONG_TEXT, SHORT_TEXT, BaseForm, clean_text, no_control_characters
from crm.core.labels import N_

MOST_ROWS = 100
BLANK_ROWS = 2
_TOO_LONG = _l("最多 %(max)d 个字。")
ALIAS_KINDS = tuple(kind for kind in NameKind if kind is not NameKind.FULL)


def choices(kinds: Any, empty: str | None = None) -> list[SelectChoice]:
    """The choices of an enumeration, after an empty one where `empty` names it."""
    found = [SelectChoice(value=kind.value, label=_(kind.label)) for kind in kinds]
    return found if empty is None else [SelectChoice(value="", label=empty), *found]


def _text(label: str, most: int = SHORT_TEXT, *, required: Any = "") -> StringField:
    checks: list[Any] = [InputRequired(required)] if required else [Optional()]
    return StringField(_l(label), [*checks, Length(max=most, message=_TOO_LONG)])


def _long(label: str) -> TextAreaField:
    return TextAreaField(_l(label), [Optional(), Length(max=LONG_TEXT, message=_TOO_LONG)])


class _Row(Form):
    """A row of a repeated part: no CSRF token of its own, the same care for text."""

    class Meta(Form.Meta):
        def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Field:
            options["filters"] = [clean_text, *options.get("filters", [])]
            field = unbound_field.bind(form=form, **options)
            if isinstance(field, StringField):
                field.validators = [no_control_characters, *field.validators]
            return field


class AliasRow(_Row):
    """Another name with its kind."""

    name = _text(N_("名称"))
    kind = SelectField(_l("类型"), default="")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = choices(ALIAS_KINDS, empty=_("自动判断"))


class HonourRow(_Row):
    """One honour."""

    kind = SelectField(_l("资质"), default="")
    level = SelectField(_l("级别"), default="")
    year = IntegerField(_l("年份"), [Optional()])
    rank_or_code = _text(N_("名次或代码"), 40)
    issuer = _text(N_("认定单位"))
    valid_until = DateField(_l("有效期至"), [Optional()])
    evidence_url = _text(N_("佐证链接"), 500)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = choices(HonourKind, empty=_("不填"))
        self.level.choices = choices(HonourLevel, empty="—")


class CompanyForm(BaseForm):
    """A new company, and everything that may be edited of one."""

    name = _text(COMPANY["name"], required=_l("请填写企业名称。"))
    short_name = _text(COMPANY["short_name"])
    uscc = _text(COMPANY["uscc"], 40)
    country = _text(COMPANY["country"])
    region = _text(COMPANY["region"])
    investor_nature = SelectField(_l(COMPANY["investor_nature"]), default="")
    parent_id = StringField(_l(COMPANY["parent_id"]))
    account_owner_id = StringField(_l(COMPANY["account_owner_id"]))
    industry_code = _text(COMPANY["industry_code"], 10)
    industry_version = _text(COMPANY["industry_version"], 10)
    in_zone = BooleanField(_l(COMPANY["in_zone"]))
    is_anchor = BooleanField(_l(COMPANY["is_anchor"]))
    chain_nodes = StringField(_l(COMPANY["chain_nodes"]))
    products = _long(COMPANY["products"])
    summary = _long(COMPANY["summary"])
    aliases = FieldList(FormField(AliasRow), _l(COMPANY["aliases"]), max_entries=MOST_ROWS)
    honours = FieldList(FormField(HonourRow), _l(COMPANY["honours"]), max_entries=MOST_ROWS)
    is_another = BooleanField(_l("确认是另一家企业，仍要新建"))
    submission_key = HiddenField(validators=[Optional(), Length(max=40)])
    version = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.investor_nature.choices = choices(InvestorNature, empty=_("未定"))

    def add_blank_rows(self, count: int = BLANK_ROWS) -> None:
        """Empty rows at the end of the repeated parts, so that they work without script."""
        for rows in (self.aliases, self.honours):
            blank = sum(1 for row in rows if is_blank(row))
            for _n in range(min(count - blank, MOST_ROWS - len(rows))):
                rows.append_entry()


def is_blank(row: Any) -> bool:
    """Whether nothing was entered in a repeated row."""
    fields = ("name",) if "name" in row.form else ("kind", "year", "rank_or_code", "valid_until")
    return not any(row.form[name].data for name in fields)


class ContactForm(BaseForm):
    """A person at a company."""

    name = _text(CONTACT["name"], 80, required=_l("请填写姓名。"))
    title = _text(CONTACT["title"], 80)
    decision_role = SelectField(_l(CONTACT["decision_role"]), default="")
    phone = _text(CONTACT["phone"], 40)
    email = _text(CONTACT["email"])
    submission_key = HiddenField(validators=[Optional(), Length(max=40)])
    version = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.decision_role.choices = choices(DecisionRole, empty=_("未定"))


class MergeForm(BaseForm):
    """Which duplicate goes, and why."""

    gone_id = StringField(_l("并入的企业"))
    reason = TextAreaField(
        _l("理由"),
        [InputRequired(_l("请写明合并的理由。")), Length(max=500, message=_TOO_LONG)],
    )
    confirmed = HiddenField()


class PressForm(BaseForm):
    """A button that posts: nothing but the protection against forged requests."""
