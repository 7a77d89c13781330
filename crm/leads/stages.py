"""Stages of a lead and what each asks for: one table, used by page, API, import and bulk edit."""

from collections.abc import Callable
from dataclasses import dataclass

from crm.core.errors import MissingItem
from crm.core.labels import N_, LabelledEnum


class Stage(LabelledEnum):
    """Where a lead stands, in order. Until projects exist, `signed` is the last."""

    IDENTIFIED = "identified", N_("线索")
    CONTACTED = "contacted", N_("初步接洽")
    NEGOTIATING = "negotiating", N_("深度洽谈")
    APPRAISING = "appraising", N_("评审会商")
    SIGNED = "signed", N_("签约")


class Status(LabelledEnum):
    """Whether a lead is being worked on; a lost lead keeps the stage it died in."""

    ACTIVE = "active", N_("正常")
    PAUSED = "paused", N_("暂缓")
    DORMANT = "dormant", N_("休眠")
    LOST = "lost", N_("流失")
    ENDED = "ended", N_("终止")
    TRANSFERRED = "transferred", N_("流转")


# A lead that is still talked with: it collides, is handed over, and has lights.
OPEN_STATUSES = (Status.ACTIVE, Status.PAUSED, Status.DORMANT)


@dataclass(frozen=True)
class Facts:
    """What the gates ask of a lead: whether each thing is known, and where the lead stands."""

    stage: Stage = Stage.IDENTIFIED
    company: bool = False
    source: bool = False
    owner: bool = False
    contact_count: int = 0
    face_count: int = 0
    next_step: bool = False
    decision_contact: bool = False
    investment: bool = False
    chain_or_industry: bool = False
    site_kind: bool = False
    land_or_floor: bool = False
    energy: bool = False
    pollutants: bool = False
    output: bool = False
    tax: bool = False
    registration: bool = False
    agreed_amount: bool = False
    agreed_currency: bool = False
    appraisal_passed: bool = False
    unavailable: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Requirement:
    """One thing that a stage asks for.

    `field` is the field of the form in which it is given. `answers` are the fields for any of which
    暂不能提供 (they stand in `Facts.unavailable`) answers the question; empty where only the thing
    itself will do: an act, a person, or a signature cannot be declared unavailable.
    """

    key: str
    label: str
    field: str
    test: Callable[[Facts], bool]
    answers: tuple[str, ...] = ()

    def is_met(self, facts: Facts) -> bool:
        """Whether the lead has it, or has answered 暂不能提供 where that is allowed."""
        return self.test(facts) or self.is_excused(facts)

    def is_excused(self, facts: Facts) -> bool:
        """Whether it is met by 暂不能提供 alone."""
        return not self.test(facts) and any(name in facts.unavailable for name in self.answers)


# The table of domain.md, "Gates". Until projects exist `signed` is the last stage.
GATES: dict[Stage, tuple[Requirement, ...]] = {
    Stage.IDENTIFIED: (),
    Stage.CONTACTED: (
        Requirement("company", N_("企业"), "company_id", lambda f: f.company),
        Requirement("source", N_("线索来源"), "source", lambda f: f.source),
        Requirement("owner", N_("负责人"), "owner", lambda f: f.owner),
        Requirement("interaction", N_("1 次接洽记录"), "log", lambda f: f.contact_count >= 1),
        Requirement("next_step", N_("下一步"), "next_step", lambda f: f.next_step),
    ),
    Stage.NEGOTIATING: (
        Requirement(
            "decision_contact", N_("有决策角色的联系人"), "contacts", lambda f: f.decision_contact
        ),
        Requirement(
            "investment", N_("预计投资额"), "investment_wan_cny", lambda f: f.investment,
            ("investment_wan_cny", "foreign_capital_wan_usd"),
        ),
        Requirement(
            "chain_or_industry", N_("产业链节点或行业"), "chain_nodes",
            lambda f: f.chain_or_industry, ("chain_nodes", "industry"),
        ),
        Requirement("site_kind", N_("用地方式"), "site_kind", lambda f: f.site_kind, ("site_kind",)),
        Requirement("two_interactions", N_("2 次接洽记录"), "log", lambda f: f.contact_count >= 2),
        Requirement("face_to_face", N_("其中 1 次面谈"), "log", lambda f: f.face_count >= 1),
    ),
    Stage.APPRAISING: (
        Requirement(
            "land_or_floor", N_("用地或建筑面积"), "land_mu", lambda f: f.land_or_floor,
            ("land_mu", "floor_area_sqm"),
        ),
        Requirement("energy", N_("年综合能耗"), "energy_tce", lambda f: f.energy, ("energy_tce",)),
        Requirement(
            "pollutants", N_("主要污染物"), "pollutants", lambda f: f.pollutants, ("pollutants",)
        ),
        Requirement(
            "output", N_("年产值预测"), "output_wan_cny", lambda f: f.output, ("output_wan_cny",)
        ),
        Requirement("tax", N_("年税收预测"), "tax_wan_cny", lambda f: f.tax, ("tax_wan_cny",)),
    ),
    Stage.SIGNED: (
        Requirement(
            "registration", N_("投资方信用代码或境外注册号"), "investor_registration",
            lambda f: f.registration,
        ),
        Requirement("agreed_amount", N_("协议金额"), "agreed_amount", lambda f: f.agreed_amount),
        Requirement("agreed_currency", N_("协议币种"), "agreed_currency", lambda f: f.agreed_currency),
        Requirement(
            "appraisal", N_("评审通过"), "appraisal_passed_on", lambda f: f.appraisal_passed
        ),
    ),
}  # fmt: skip

# Fields in which 暂不能提供 may stand: facts about the project that the investor may not know yet.
MAY_BE_UNAVAILABLE = frozenset(
    {
        "investment_wan_cny", "fixed_investment_wan_cny", "foreign_capital_wan_usd", "land_mu",
        "floor_area_sqm", "site_kind", "energy_tce", "pollutants", "output_wan_cny", "tax_wan_cny",
        "jobs", "character", "chain_nodes", "product", "industry",
    }
)  # fmt: skip


def is_forward(current: Stage, to: Stage) -> bool:
    """Whether a move goes on rather than back; staying is neither."""
    return to.position > current.position


def passed(current: Stage, to: Stage) -> list[Stage]:
    """The stages whose gates a move goes through: all after `current` up to `to`."""
    return [stage for stage in Stage if current.position < stage.position <= to.position]


def checklist(facts: Facts, to: Stage) -> list[tuple[Requirement, bool]]:
    """Everything that a move asks for, with whether it is met; nothing for a move back."""
    return [
        (requirement, requirement.is_met(facts))
        for stage in passed(facts.stage, to)
        for requirement in GATES[stage]
    ]


def missing(facts: Facts, to: Stage) -> list[MissingItem]:
    """What a lead still lacks to enter `to`, in the order of the gates; empty when it may."""
    return [
        MissingItem(key=requirement.key, label=requirement.label, field=requirement.field)
        for requirement, met in checklist(facts, to)
        if not met
    ]


def next_stage(current: Stage) -> Stage | None:
    """The stage after this one; None at the last."""
    stages = list(Stage)
    place = current.position + 1
    return stages[place] if place < len(stages) else None
