"""What each kind of file holds: one table of columns, used by import, export, pages and templates.

Names and their order are a promise to other systems (the contract of the files); labels are the
words of the screens, and a file may use either.
"""

from dataclasses import dataclass
from functools import partial

from crm.companies.kinds import DecisionRole
from crm.core import quantity
from crm.core.labels import N_
from crm.core.permissions import Role, Visibility
from crm.exchange.cells import (
    LONG,
    Amount,
    Answerable,
    Cell,
    Choice,
    Day,
    Definite,
    Flag,
    Money,
    Several,
    Text,
    Word,
)
from crm.exchange.honours import Honours
from crm.interactions.kinds import InteractionKind, Outcome
from crm.leads.kinds import Character, Currency, InvestorKind, Sector, SiteKind
from crm.leads.stages import Stage, Status

MONEY = Amount(quantity.parse_wan)
DOLLARS = Amount(partial(quantity.parse_wan, currency="USD"))
AGREED = Money()


@dataclass(frozen=True)
class Column:
    """One column: its name in files, its label on the screens, further accepted labels."""

    name: str
    label: str
    cell: Cell
    also: tuple[str, ...] = ()
    required: bool = False
    sample: str = ""


@dataclass(frozen=True)
class Sheet:
    """One kind of file.

    `key` is the column whose value no two rows may share; `either` are groups of columns of which
    at least one must be filled.
    """

    name: str
    label: str
    columns: tuple[Column, ...]
    key: str = "ref"
    unique: tuple[str, ...] = ()
    either: tuple[tuple[str, ...], ...] = ()

    def column(self, name: str) -> Column:
        """The column of this name. Raises KeyError."""
        return {column.name: column for column in self.columns}[name]

    @property
    def required(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.required)


def _ref(*also: str) -> Column:
    return Column("ref", N_("外部编号"), Word(), also=(N_("编号"), *also), sample="A-001")


USERS = Sheet(
    name="users",
    label=N_("用户"),
    key="username",
    columns=(
        Column("username", N_("用户名"), Word(60), required=True, sample="lixm"),
        Column("name", N_("姓名"), Text(80), required=True, sample=N_("示例小李")),
        Column("role", N_("角色"), Choice(Role), required=True, sample="officer"),
        Column("team", N_("科室"), Text(80), sample=N_("装备制造招商科")),
    ),
)

COMPANIES = Sheet(
    name="companies",
    label=N_("企业"),
    unique=("uscc",),
    columns=(
        _ref(N_("企业编号")),
        Column(
            "name", N_("企业名称"), Text(), also=(N_("名称"), N_("全称"), N_("企业全称")),
            required=True, sample=N_("示例精工液压有限公司"),
        ),
        Column("short_name", N_("简称"), Text(), sample=N_("示例精工")),
        Column("aliases", N_("别名"), Several(), also=(N_("其他名称"),), sample="Sample Hydraulics"),
        Column(
            "uscc", N_("统一社会信用代码"), Text(40), also=(N_("信用代码"),),
        ),
        Column("country", N_("国家或地区"), Text(), also=(N_("国家"), N_("国别")), sample=N_("中国")),
        Column("region", N_("所在地区"), Text(), also=(N_("地区"),), sample=N_("江苏 常州")),
        Column("parent_ref", N_("上级企业编号"), Word(), also=(N_("上级企业"), N_("母公司"))),
        Column(
            "honours", N_("资质"), Honours(), also=(N_("资质荣誉"), N_("企业资质")),
            sample="little_giant:国家:2025;high_tech",
        ),
        Column("in_zone", N_("已在区内"), Flag(), also=(N_("在区内"), N_("是否在区内")), sample="0"),
        Column("is_anchor", N_("链主企业"), Flag(), also=(N_("链主"), N_("是否链主")), sample="0"),
        Column(
            "chain_nodes", N_("产业链节点"), Several(40), also=(N_("产业链环节"), N_("产业链")),
            sample="cm.hyd;cm.pump",
        ),
        Column("products", N_("主要产品"), LONG, sample=N_("液压泵；液压马达")),
        Column("summary", N_("企业简介"), LONG, also=(N_("简介"),)),
    ),
)  # fmt: skip

CONTACTS = Sheet(
    name="contacts",
    label=N_("联系人"),
    columns=(
        _ref(N_("联系人编号")),
        Column("company_ref", N_("企业编号"), Word(), required=True, sample="A-001"),
        Column("name", N_("姓名"), Text(80), required=True, sample=N_("示例王总")),
        Column("title", N_("职务"), Text(80), also=(N_("职位"),), sample=N_("副总经理")),
        Column(
            "decision_role", N_("决策作用"), Choice(DecisionRole), also=(N_("决策角色"), N_("角色")),
            sample="influences",
        ),
        Column("phone", N_("电话"), Text(40), also=(N_("手机"), N_("联系电话")), sample="0516-00000000"),
        Column("email", N_("邮箱"), Text(200), also=(N_("电子邮箱"), N_("邮件"))),
    ),
)  # fmt: skip

LEADS = Sheet(
    name="leads",
    label=N_("线索"),
    columns=(
        _ref(N_("线索编号")),
        Column(
            "title", N_("线索名称"), Text(), also=(N_("项目名称"), N_("标题"), N_("名称")),
            required=True, sample=N_("示例液压泵项目"),
        ),
        Column("company_ref", N_("企业编号"), Word(), required=True, sample="A-001"),
        Column("owner", N_("负责人"), Word(60), sample="lixm"),
        Column("team", N_("科室"), Text(80), also=(N_("所属科室"),)),
        Column("visibility", N_("可见范围"), Choice(Visibility), sample="zone"),
        Column("stage", N_("阶段"), Choice(Stage), sample="identified"),
        Column("status", N_("状态"), Choice(Status), sample="active"),
        Column("source", N_("线索来源"), Text(60), also=(N_("来源"),), sample=N_("以商招商")),
        Column("sector", N_("产业类别"), Choice(Sector), also=(N_("产业门类"), N_("项目类别"))),
        Column("investor_kind", N_("内外资"), Choice(InvestorKind), also=(N_("资金来源"), N_("投资性质"))),
        Column(
            "investment_wan_cny", N_("总投资"), Answerable(MONEY),
            also=(N_("总投资（万元）"), N_("计划总投资"), N_("投资额")), sample="32000",
        ),
        Column(
            "foreign_capital_wan_usd", N_("外资额"), Answerable(DOLLARS),
            also=(N_("外资金额"), N_("外资额（万美元）"), N_("利用外资")),
        ),
        Column(
            "land_mu", N_("用地"), Answerable(Amount(quantity.parse_area_mu)),
            also=(N_("用地（亩）"), N_("用地面积")), sample="80",
        ),
        Column(
            "fixed_investment_wan_cny", N_("固定资产投资"), Answerable(MONEY),
            also=(N_("固定资产投资（万元）"), N_("固投")),
        ),
        Column("site_kind", N_("用地方式"), Answerable(Choice(SiteKind)), also=(N_("载体类型"), N_("落地方式"))),
        Column(
            "floor_area_sqm", N_("建筑面积"), Answerable(Amount(quantity.parse_sqm)),
            also=(N_("厂房面积"), N_("建筑面积（㎡）")),
        ),
        Column(
            "energy_tce", N_("年综合能耗"), Answerable(Amount(quantity.parse_energy_tce)),
            also=(N_("年能耗"), N_("能耗"), N_("年综合能耗（吨标煤）")),
        ),
        Column("pollutants", N_("主要污染物"), Answerable(LONG), also=(N_("污染物"), N_("污染物排放"))),
        Column(
            "output_wan_cny", N_("年产值预测"), Answerable(MONEY),
            also=(N_("年产值"), N_("预计年产值"), N_("年产值预测（万元）")),
        ),
        Column(
            "tax_wan_cny", N_("年税收预测"), Answerable(MONEY),
            also=(N_("年税收"), N_("预计年税收"), N_("年税收预测（万元）")),
        ),
        Column("jobs", N_("就业"), Answerable(Amount(quantity.parse_count)), also=(N_("就业人数"), N_("用工人数"))),
        Column("character", N_("项目特征"), Answerable(Choice(Character)), also=(N_("项目特点"),)),
        Column("is_no1", N_("1号工程"), Flag(), also=(N_("一号工程"),), sample="0"),
        Column("agreed_amount", N_("协议金额"), AGREED, also=(N_("签约金额"),)),
        Column("agreed_currency", N_("协议币种"), Choice(
            Currency, also=(("万元", "cny"), ("万美元", "usd"), ("rmb", "cny"))
        ), also=(N_("币种"),)),
        Column(
            "investor_registration", N_("投资方信用代码或境外注册号"), Definite(Text()),
            also=(N_("投资方信用代码"), N_("境外注册号")),
        ),
        Column("appraisal_passed_on", N_("评审通过日期"), Day(actual=True), also=(N_("评审通过日"),)),
        Column("chain_nodes", N_("产业链节点"), Answerable(Several(40)), also=(N_("产业链环节"),), sample="cm.pump"),
        Column("anchor_refs", N_("配套链主编号"), Several(120), also=(N_("配套链主"), N_("服务链主"))),
        Column("received_on", N_("收到日期"), Day(actual=True), also=(N_("接收日期"), N_("登记日期"))),
        Column("lost_reason", N_("流失原因"), Text(60)),
        Column("lost_to", N_("流失去向"), Text()),
        Column("summary", N_("项目概况"), LONG, also=(N_("概况"), N_("摘要"), N_("项目简介"))),
    ),
)  # fmt: skip

STAGE_LOG = Sheet(
    name="stage_log",
    label=N_("阶段记录"),
    key="",
    columns=(
        Column("ref", N_("线索编号"), Word(), also=(N_("编号"),), required=True, sample="A-001"),
        Column("stage", N_("阶段"), Choice(Stage), required=True, sample="contacted"),
        Column(
            "entered_on", N_("进入日期"), Day(actual=True), also=(N_("日期"),), required=True,
            sample="2026-03-01",
        ),
        Column("by", N_("操作人"), Word(60), also=(N_("经办人"),), sample="lixm"),
    ),
)  # fmt: skip

INTERACTIONS = Sheet(
    name="interactions",
    label=N_("走访接洽"),
    either=(("company_refs", "lead_ref"),),
    columns=(
        _ref(N_("接洽编号"), N_("记录编号")),
        Column(
            "kind", N_("方式"), Choice(InteractionKind), also=(N_("接洽方式"), N_("类型")),
            required=True, sample="visit",
        ),
        Column(
            "occurred_on", N_("日期"), Day(actual=True), also=(N_("接洽日期"), N_("发生日期")),
            required=True, sample="2026-03-01",
        ),
        Column("company_refs", N_("企业编号"), Several(120), sample="A-001"),
        Column("lead_ref", N_("线索编号"), Word()),
        Column("author", N_("记录人"), Word(60), also=(N_("作者"),), sample="lixm"),
        Column("participants", N_("参加同事"), Several(60), also=(N_("参与人"), N_("参加人"))),
        Column("outcome", N_("结果"), Choice(Outcome), also=(N_("接洽结果"),), sample="advanced"),
        Column(
            "text", N_("内容"), LONG, also=(N_("记录内容"), N_("正文")), required=True,
            sample=N_("赴企业走访，了解扩产计划。"),
        ),
        Column("next_step", N_("下一步"), Text(), sample=N_("约来区考察标准厂房")),
        Column("next_on", N_("下一步日期"), Day(), also=(N_("下一步时间"),)),
    ),
)  # fmt: skip

SHEETS = {
    sheet.name: sheet for sheet in (USERS, COMPANIES, CONTACTS, LEADS, STAGE_LOG, INTERACTIONS)
}
