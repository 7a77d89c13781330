"""Shapes of input of logging a contact."""

import secrets
from datetime import date
from typing import Any

from flask_babel import gettext as _, lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    Field,
    HiddenField,
    MultipleFileField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from crm.core.forms import BaseForm
from crm.interactions.kinds import InteractionKind, Outcome
from crm.interactions.services.prepared import MOST_STEP
from crm.leads.contact_intake import NO_LEAD, split_picked
from crm.leads.fields import label_of
from crm.leads.forms import QuantityField, choices
from crm.leads.models import Lead
from crm.leads.values import LeadValues

# Figures that a note may bring for its lead, in the order of the form.
FIGURES = (
    "investment_wan_cny",
    "fixed_investment_wan_cny",
    "foreign_capital_wan_usd",
    "land_mu",
    "floor_area_sqm",
    "energy_tce",
    "output_wan_cny",
    "tax_wan_cny",
    "jobs",
)
_LONGEST_BOX = 2_000
_TOO_LONG = _l("最多 %(max)d 个字。")


class PickField(Field):
    """Records picked in a typeahead: `data` are their ids, `text` what was typed and not picked.

    The macro `combo` sends the ids under the field's name and the text under `<name>_text`; without
    script only the text arrives, several names separated by ；.
    """

    text: str = ""
    has_box: bool = False

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        """Read ids and text."""
        self.text = ""
        self.has_box = False
        super().process(formdata, data or [], extra_filters)
        self.has_box = formdata is not None and f"{self.name}_text" in formdata
        if self.has_box:
            self.text = formdata.get(f"{self.name}_text", "").strip()[:_LONGEST_BOX]

    def process_formdata(self, valuelist: list[str]) -> None:
        """Ids from hidden inputs; what is no id is left aside."""
        good = [v for v in valuelist if v.isascii() and v.isdigit() and len(v) < 10]
        self.data = list(dict.fromkeys(int(value) for value in good))

    def picked(self, *, several: bool) -> tuple[list[int], list[str]]:
        """Ids that were picked and names that were typed."""
        if self.has_box and not self.text and not several:
            # The box was emptied while the id stayed behind, as happens without script.
            return [], []
        return split_picked(self.data, self.text, several=several)


def _figure(name: str) -> QuantityField:
    return QuantityField(
        _l(label_of(name)), [Optional(), Length(max=60, message=_TOO_LONG)], name=name
    )


class ContactForm(BaseForm):
    """A contact to log or to change; the quick form shows a part of the same fields."""

    company = PickField(_l("企业"))
    may_create = BooleanField(_l("是另一家企业，仍要新建"))
    lead = SelectField(_l("线索"), [Optional()], validate_choice=False)
    kind = RadioField(_l("方式"), [Optional()])
    occurred_on = DateField(_l("日期"), [Optional()])
    # Its length is the service's business, which says how long the text is.
    text = TextAreaField(_l("内容"), [DataRequired(_l("请写下说了什么。"))])
    outcome = RadioField(_l("结果"), [Optional()])
    next_step = StringField(_l("下一步"), [Optional(), Length(max=MOST_STEP, message=_TOO_LONG)])
    next_on = DateField(_l("下一步日期"), [Optional()])
    done_steps = SelectMultipleField(
        _l("这次完成了"),
        [Optional()],
        coerce=int,
        validate_choice=False,
        widget=ListWidget(),
        option_widget=CheckboxInput(),
    )
    contacts = SelectMultipleField(
        _l("对方联系人"),
        [Optional()],
        coerce=int,
        validate_choice=False,
        widget=ListWidget(),
        option_widget=CheckboxInput(),
    )
    contact_name = StringField(_l("其他联系人"), [Optional(), Length(max=80, message=_TOO_LONG)])
    participants = PickField(_l("同行同事"))
    files = MultipleFileField(_l("附件"), [Optional()])
    remove_files = SelectMultipleField(
        _l("去掉附件"), [Optional()], coerce=int, validate_choice=False
    )
    investment_wan_cny = _figure("investment_wan_cny")
    fixed_investment_wan_cny = _figure("fixed_investment_wan_cny")
    foreign_capital_wan_usd = _figure("foreign_capital_wan_usd")
    land_mu = _figure("land_mu")
    floor_area_sqm = _figure("floor_area_sqm")
    energy_tce = _figure("energy_tce")
    output_wan_cny = _figure("output_wan_cny")
    tax_wan_cny = _figure("tax_wan_cny")
    jobs = _figure("jobs")
    submission_key = HiddenField(validators=[Optional(), Length(max=40)])
    version = HiddenField()
    back = HiddenField()

    def __init__(self, *args: Any, place: str = "log", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.place = place
        # The dialog and the desk's own form stand in one page: their ids must differ.
        for fld in self:
            fld.id = f"{place}-{fld.name}"
            fld.label.field_id = fld.id
        self.kind.choices = choices(InteractionKind)
        self.outcome.choices = choices(Outcome)
        self.done_steps.choices = []
        self.contacts.choices = []
        self.remove_files.choices = []
        self.lead.choices = []

    def start(self, today: date) -> None:
        """Fill what a new form begins with."""
        self.occurred_on.data = self.occurred_on.data or today
        self.submission_key.data = secrets.token_urlsafe(20)

    def offer_leads(self, leads: list[Lead], *, chosen: int | None = None) -> None:
        """The leads that the contact may hang on; a single one, or `chosen`, is selected."""
        offered = [
            SelectChoice(value=str(lead.id), label=f"{lead.title} · {_(lead.stage.label)}")
            for lead in leads
        ]
        if len(leads) > 1 and chosen is None:
            offered.insert(0, SelectChoice(value="", label=_("请选择")))
        offered.append(SelectChoice(value=NO_LEAD, label=_("不挂线索") if leads else _("未立线索")))
        self.lead.choices = offered
        values = [choice.value for choice in offered]
        if chosen is not None and self.lead.data not in values:
            self.lead.data = str(chosen)
        if self.lead.data not in values:
            self.lead.data = values[0]

    def validate(self, extra_validators: Any = None) -> bool:
        """The shape; a next step needs its day."""
        good = bool(super().validate(extra_validators))
        if self.next_step.data and self.next_on.data is None and not self.next_on.errors:
            self.next_on.errors = [_("请填写下一步的日期。")]
            return False
        return good

    def figures(self) -> LeadValues:
        """What is to be written onto the lead, with the amounts as they were typed."""
        given = {name: self[name] for name in FIGURES if self[name].data}
        if not given:
            return {}
        values: Any = {name: fld.value for name, fld in given.items()}
        values["typed"] = {name: fld.data for name, fld in given.items()}
        found: LeadValues = values
        return found


class StepForm(BaseForm):
    """Another day for a next step."""

    next_on = DateField(_l("改到"), [DataRequired(_l("请填写日期。"))])
