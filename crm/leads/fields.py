"""The fields of a lead with their words: one table for forms, logs, columns and files. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from crm.core.labels import N_
from crm.leads.kinds import Currency


class FieldKind(StrEnum):
    """How a value is entered, checked and shown."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    ENUM = "enum"
    WAN_CNY = "wan_cny"
    WAN_USD = "wan_usd"
    AGREED = "agreed"
    MU = "mu"
    SQM = "sqm"
    TCE = "tce"
    COUNT = "count"
    PERCENT = "percent"
    DATE = "date"
    FLAG = "flag"
    LIST = "list"
    RECORD = "record"


@dataclass(frozen=True)
class LeadField:
    """One field: its label, its kind and the unit in which its bare numbers are."""

    label: str
    kind: FieldKind
    unit: str = ""


_WAN, _USD, _MU = N_("万元"), N_("万美元"), N_("亩")

FIELDS: dict[str, LeadField] = {
    "ref": LeadField(N_("外部编号"), FieldKind.TEXT),
    "title": LeadField(N_("线索名称"), FieldKind.TEXT),
    "company_id": LeadField(N_("企业"), FieldKind.RECORD),
    "owner_id": LeadField(N_("负责人"), FieldKind.RECORD),
    "team_id": LeadField(N_("科室"), FieldKind.RECORD),
    "visibility": LeadField(N_("可见范围"), FieldKind.ENUM),
    "stage": LeadField(N_("阶段"), FieldKind.ENUM),
    "status": LeadField(N_("状态"), FieldKind.ENUM),
    "source": LeadField(N_("线索来源"), FieldKind.TEXT),
    "sector": LeadField(N_("产业类别"), FieldKind.ENUM),
    "investor_kind": LeadField(N_("内外资"), FieldKind.ENUM),
    "investment_wan_cny": LeadField(N_("总投资"), FieldKind.WAN_CNY, _WAN),
    "fixed_investment_wan_cny": LeadField(N_("固定资产投资"), FieldKind.WAN_CNY, _WAN),
    "foreign_capital_wan_usd": LeadField(N_("外资额"), FieldKind.WAN_USD, _USD),
    "land_mu": LeadField(N_("用地"), FieldKind.MU, _MU),
    "floor_area_sqm": LeadField(N_("建筑面积"), FieldKind.SQM, N_("㎡")),
    "site_kind": LeadField(N_("用地方式"), FieldKind.ENUM),
    "energy_tce": LeadField(N_("年综合能耗"), FieldKind.TCE, N_("吨标煤")),
    "pollutants": LeadField(N_("主要污染物"), FieldKind.LONG_TEXT),
    "output_wan_cny": LeadField(N_("年产值预测"), FieldKind.WAN_CNY, _WAN),
    "tax_wan_cny": LeadField(N_("年税收预测"), FieldKind.WAN_CNY, _WAN),
    "jobs": LeadField(N_("就业"), FieldKind.COUNT, N_("人")),
    "product": LeadField(N_("主要产品"), FieldKind.TEXT),
    "industry": LeadField(N_("行业"), FieldKind.TEXT),
    "character": LeadField(N_("项目特征"), FieldKind.ENUM),
    "is_no1": LeadField(N_("1号工程"), FieldKind.FLAG),
    "likelihood": LeadField(N_("成功可能"), FieldKind.PERCENT, "%"),
    "likelihood_reason": LeadField(N_("判断依据"), FieldKind.LONG_TEXT),
    "agreed_amount": LeadField(N_("协议金额"), FieldKind.AGREED),
    "agreed_currency": LeadField(N_("协议币种"), FieldKind.ENUM),
    "investor_registration": LeadField(N_("投资方信用代码或境外注册号"), FieldKind.TEXT),
    "appraisal_passed_on": LeadField(N_("评审通过日期"), FieldKind.DATE),
    "appraisal_evidence": LeadField(N_("评审依据"), FieldKind.LONG_TEXT),
    "chain_nodes": LeadField(N_("产业链节点"), FieldKind.LIST),
    "anchor_ids": LeadField(N_("配套链主"), FieldKind.LIST),
    "received_on": LeadField(N_("收到日期"), FieldKind.DATE),
    "lost_reason": LeadField(N_("流失原因"), FieldKind.TEXT),
    "lost_to": LeadField(N_("流失去向"), FieldKind.TEXT),
    "summary": LeadField(N_("项目概况"), FieldKind.LONG_TEXT),
    "unavailable": LeadField(N_("暂不能提供"), FieldKind.LIST),
}

AMOUNT_KINDS = frozenset(
    {
        FieldKind.WAN_CNY, FieldKind.WAN_USD, FieldKind.AGREED, FieldKind.MU, FieldKind.SQM,
        FieldKind.TCE,
    }
)  # fmt: skip


def unit_of(name: str, currency: str = "") -> str:
    """The unit of a field's bare numbers, as a msgid; an agreed amount's goes by the currency's label."""
    if name not in FIELDS:
        return ""
    if FIELDS[name].kind is FieldKind.AGREED:
        return _USD if currency == Currency.USD.label else _WAN
    return FIELDS[name].unit


def label_of(name: str) -> str:
    """The Chinese label of a field, as a msgid."""
    return FIELDS[name].label
