"""Shapes of input of the pages of leads."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _, lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import (
    DataRequired,
    InputRequired,
    Length,
    NumberRange,
    Optional,
    ValidationError,
)
from wtforms.widgets import CheckboxInput, ListWidget

from crm.core.forms import LONG_TEXT, SHORT_TEXT, BaseForm
from crm.core.labels import LabelledEnum
from crm.core.permissions import Visibility
from crm.core.quantity import (
    QuantityError,
    parse_area_mu,
    parse_count,
    parse_energy_tce,
    parse_money,
    parse_sqm,
    parse_wan,
)
from crm.leads.fields import label_of
from crm.leads.kinds import Character, Currency, InvestorKind, Sector, SiteKind
from crm.leads.stages import MAY_BE_UNAVAILABLE, Stage, Status

_TOO_LONG = _l("最多 %(max)d 个字。")


def parse_usd(text: str) -> Decimal:
    """Money in a field of 万美元."""
    return parse_wan(text, currency="USD")


def parse_agreed(text: str) -> Decimal:
    """The agreed amount: its currency stands in a field of its own."""
    return parse_money(text).amount


PARSERS: dict[str, Callable[[str], Decimal | int]] = {
    "investment_wan_cny": parse_wan,
    "fixed_investment_wan_cny": parse_wan,
    "foreign_capital_wan_usd": parse_usd,
    "output_wan_cny": parse_wan,
    "tax_wan_cny": parse_wan,
    "land_mu": parse_area_mu,
    "floor_area_sqm": parse_sqm,
    "energy_tce": parse_energy_tce,
    "jobs": parse_count,
    "agreed_amount": parse_agreed,
}


class QuantityField(StringField):
    """An amount as text; `value` is what it means, None when nothing is written."""

    value: Decimal | int | None = None

    def post_validate(self, form: Any, validation_stopped: bool) -> None:
        self.value = None
        if validation_stopped or not self.data:
            return
        try:
            self.value = PARSERS[self.short_name](self.data)
        except QuantityError as error:
            params = {
                name: _(text) if name in ("kind", "other") else text
                for name, text in error.params.items()
            }
            raise ValidationError(_(error.template, **params)) from error


def choices(kind: type[LabelledEnum], *, empty: str | None = None) -> list[SelectChoice]:
    """The choices of an enumeration, with a first empty one when `empty` names it."""
    found = [SelectChoice(value=member.value, label=_(member.label)) for member in kind]
    return found if empty is None else [SelectChoice(value="", label=empty), *found]


def _text(name: str, *, required: bool = False, most: int = SHORT_TEXT) -> StringField:
    checks = [InputRequired(_l("请填写。"))] if required else [Optional()]
    return StringField(_l(label_of(name)), [*checks, Length(max=most, message=_TOO_LONG)])


def _long(name: str) -> TextAreaField:
    checks = [Optional(), Length(max=LONG_TEXT, message=_TOO_LONG)]
    return TextAreaField(_l(label_of(name)), checks)


def _quantity(name: str) -> QuantityField:
    return QuantityField(_l(label_of(name)), [Optional(), Length(max=60, message=_TOO_LONG)])


def _choice(name: str, default: str = "") -> SelectField:
    return SelectField(_l(label_of(name)), default=default)


class LeadForm(BaseForm):
    """A new lead, and everything that may be edited of one."""

    title = _text("title", required=True)
    company_id = StringField(_l(label_of("company_id")))
    source = StringField(_l(label_of("source")), [Optional(), Length(max=60, message=_TOO_LONG)])
    received_on = DateField(_l(label_of("received_on")), [Optional()])
    owner_id = StringField(_l(label_of("owner_id")))
    visibility = _choice("visibility", Visibility.ZONE.value)
    sector = _choice("sector")
    investor_kind = _choice("investor_kind")
    character = _choice("character")
    is_no1 = BooleanField(_l(label_of("is_no1")))
    investment_wan_cny = _quantity("investment_wan_cny")
    fixed_investment_wan_cny = _quantity("fixed_investment_wan_cny")
    foreign_capital_wan_usd = _quantity("foreign_capital_wan_usd")
    site_kind = _choice("site_kind")
    land_mu = _quantity("land_mu")
    floor_area_sqm = _quantity("floor_area_sqm")
    energy_tce = _quantity("energy_tce")
    output_wan_cny = _quantity("output_wan_cny")
    tax_wan_cny = _quantity("tax_wan_cny")
    jobs = _quantity("jobs")
    pollutants = _long("pollutants")
    product = _text("product")
    industry = _text("industry")
    chain_nodes = SelectMultipleField(_l(label_of("chain_nodes")))
    anchor_ids = StringField(_l(label_of("anchor_ids")))
    likelihood = IntegerField(
        _l(label_of("likelihood")),
        [Optional(), NumberRange(0, 100, _l("请填 0 到 100 之间的整数。"))],
    )
    likelihood_reason = _long("likelihood_reason")
    agreed_amount = _quantity("agreed_amount")
    agreed_currency = _choice("agreed_currency")
    investor_registration = _text("investor_registration")
    summary = _long("summary")
    unavailable = SelectMultipleField(
        _l(label_of("unavailable")), widget=ListWidget(), option_widget=CheckboxInput()
    )
    collision_reason = TextAreaField(
        _l("仍要登记的原因"), [Optional(), Length(max=2000, message=_TOO_LONG)]
    )
    submission_key = HiddenField(validators=[Optional(), Length(max=40)])
    version = HiddenField()

    def set_choices(self, nodes: Iterable[tuple[str, str]]) -> None:
        """Fill the selects; `nodes` are ids and names of chain nodes."""
        for name, kind in (
            ("sector", Sector), ("investor_kind", InvestorKind), ("character", Character),
            ("site_kind", SiteKind), ("agreed_currency", Currency),
        ):  # fmt: skip
            self[name].choices = choices(kind, empty=_("未定"))
        self.visibility.choices = choices(Visibility)
        known = dict(nodes)
        for node_id in self.chain_nodes.data or self.chain_nodes.object_data or ():
            known.setdefault(node_id, node_id)
        self.chain_nodes.choices = [SelectChoice(value=k, label=v) for k, v in known.items()]
        self.unavailable.choices = [
            SelectChoice(value=name, label=_(label_of(name))) for name in sorted(MAY_BE_UNAVAILABLE)
        ]


class MoveForm(BaseForm):
    """A move to another stage."""

    to = SelectField(_l("目标阶段"))
    on = DateField(_l("实际日期"), [DataRequired(_l("请填写日期。"))])
    override_reason = TextAreaField(_l("原因"), [Optional(), Length(max=2000, message=_TOO_LONG)])
    evidence = TextAreaField(_l("依据"), [Optional(), Length(max=2000, message=_TOO_LONG)])
    version = HiddenField()

    def set_choices(self, current: Stage) -> None:
        """Every stage but the present one."""
        self.to.choices = [
            SelectChoice(value=stage.value, label=_(stage.label))
            for stage in Stage
            if stage is not current
        ]


class StatusForm(BaseForm):
    """Another status; 流失 with reason and place."""

    to = SelectField(_l("状态"))
    on = DateField(_l("日期"), [DataRequired(_l("请填写日期。"))])
    lost_reason = StringField(
        _l(label_of("lost_reason")), [Optional(), Length(max=60, message=_TOO_LONG)]
    )
    lost_to = StringField(_l(label_of("lost_to")), [Optional(), Length(max=200, message=_TOO_LONG)])
    note = TextAreaField(_l("说明"), [Optional(), Length(max=2000, message=_TOO_LONG)])
    version = HiddenField()

    def set_choices(self, current: Status) -> None:
        """Every status but the present one."""
        self.to.choices = [
            SelectChoice(value=status.value, label=_(status.label))
            for status in Status
            if status is not current
        ]


class PersonForm(BaseForm):
    """A person to give something to, with a note."""

    user_id = StringField(_l("接手人"))
    note = TextAreaField(_l("说明"), [Optional(), Length(max=2000, message=_TOO_LONG)])
    keep_team = BooleanField(_l("科室不变"))
    version = HiddenField()


class NextStepForm(BaseForm):
    """One next step for several leads."""

    next_step = StringField(
        _l("下一步"), [DataRequired(_l("请写明下一步做什么。")), Length(max=200, message=_TOO_LONG)]
    )
    next_on = DateField(_l("日期"), [DataRequired(_l("请填写日期。"))])


class AppraisalForm(BaseForm):
    """The outcome of the appraisal, until review rounds exist."""

    appraisal_passed_on = DateField(_l(label_of("appraisal_passed_on")), [Optional()])
    appraisal_evidence = TextAreaField(
        _l(label_of("appraisal_evidence")), [Optional(), Length(max=2000, message=_TOO_LONG)]
    )
    version = HiddenField()


class PressForm(BaseForm):
    """A button that posts: nothing but the protection against forged requests."""
