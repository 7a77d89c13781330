"""One thing that a text seems to say. Pure."""

from dataclasses import dataclass
from datetime import date

from crm.core.labels import N_

LABELS = {
    "company": N_("企业"),
    "kind": N_("方式"),
    "occurred_on": N_("日期"),
    "next_on": N_("下一步日期"),
    "next_step": N_("下一步"),
    "contact_name": N_("联系人"),
    "investment_wan_cny": N_("投资"),
    "fixed_investment_wan_cny": N_("固投"),
    "foreign_capital_wan_usd": N_("外资"),
    "output_wan_cny": N_("产值"),
    "tax_wan_cny": N_("税收"),
    "land_mu": N_("用地"),
    "floor_area_sqm": N_("厂房"),
    "energy_tce": N_("能耗"),
    "jobs": N_("就业"),
}


@dataclass(frozen=True)
class Suggestion:
    """A value for a field of the form, with the words of the text that it was read from.

    `label` is the msgid of the field's word; `shown` says the value where it differs from what
    stands in the text, such as the name of a firm whose id is the value.
    """

    field: str
    value: str
    label: str
    source_text: str
    shown: str = ""

    @classmethod
    def of(cls, field: str, value: str, source_text: str, shown: str = "") -> "Suggestion":
        """A suggestion with the label of its field."""
        return cls(field, value, LABELS[field], source_text, shown)

    @classmethod
    def of_day(cls, field: str, day: date, source_text: str) -> "Suggestion":
        """A day, as date fields take it."""
        return cls(field, day.isoformat(), LABELS[field], source_text)
