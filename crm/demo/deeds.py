"""What people do to a lead of the demo: each function is one deed through the services."""

from datetime import date

from crm.core.permissions import Actor
from crm.demo.dice import Dice
from crm.demo.plans import RELEASED, UNOWNED, Plan
from crm.leads.kinds import Currency, InvestorKind, Sector
from crm.leads.models import Lead
from crm.leads.services import advance, create_lead, set_appraisal, set_status, update_lead
from crm.leads.stages import Stage, Status
from crm.leads.values import UNAVAILABLE, LeadValues

_REASONS = (
    "老厂产能吃紧，扩建意愿明确，决策人已来过现场。",
    "总部预算未定，关键看下季度批复。",
    "候选地还有两家，我们手续快，电价略高。",
    "设备已订一部分，时间表倒推合理。",
    "配套半径合适，价格条款尚未触及。",
)


def register(plan: Plan, actor: Actor, owner: Actor, on: date, anchors: dict[str, int]) -> Lead:
    """The registration with what is known on the first day."""
    firm, numbers = plan.placed.firm, plan.numbers
    values: LeadValues = {
        "title": plan.title,
        "company_id": plan.placed.id,
        "owner_id": None if plan.special == UNOWNED else owner.id,
        "team_id": owner.team_id,
        "visibility": plan.visibility,
        "source": plan.source,
        "sector": firm.sector,
        "investor_kind": InvestorKind.FOREIGN if firm.is_foreign else InvestorKind.DOMESTIC,
        "product": firm.products.split("、")[0],
        "chain_nodes": list(firm.nodes),
        "industry": "" if firm.sector is Sector.MANUFACTURING else "现代服务业",
        "is_no1": numbers.is_no1,
        "summary": _summary(plan),
    }
    if plan.anchor:
        values["anchor_ids"] = [anchors[plan.anchor]]
    if plan.special not in (UNOWNED, RELEASED) and plan.number % 3:
        values["investment_wan_cny"] = numbers.investment
        values["typed"] = {"investment_wan_cny": numbers.typed["investment_wan_cny"]}
    return create_lead(actor=actor, on=on, values=values)


def _summary(plan: Plan) -> str:
    firm = plan.placed.firm
    serves = f"，意向配套{plan.anchor}" if plan.anchor else ""
    return f"{firm.short}拟建设{firm.plan}，主要产品{firm.products}{serves}。"


def fill_for(plan: Plan, lead: Lead, to: Stage, actor: Actor, on: date, *, gap: bool) -> None:
    """Write onto a lead what the gate to a stage asks for; with `gap` the tax stays open."""
    values: LeadValues = {}
    if to is Stage.NEGOTIATING:
        values = _for_talks(plan)
    elif to is Stage.APPRAISING:
        values = _for_appraisal(plan)
        if gap:
            del values["tax_wan_cny"]
    elif to is Stage.SIGNED:
        values = _for_signing(plan)
    if values:
        update_lead(actor=actor, on=on, lead=lead, values=values)


def _for_talks(plan: Plan) -> LeadValues:
    numbers, dice = plan.numbers, Dice(f"fill {plan.number}")
    values: LeadValues = {
        "investment_wan_cny": numbers.investment,
        "fixed_investment_wan_cny": numbers.fixed,
        "site_kind": numbers.site_kind,
        "jobs": numbers.jobs,
        "character": numbers.character,
        "likelihood": dice.between(3, 18) * 5,
        "likelihood_reason": dice.pick(_REASONS),
        "typed": numbers.typed,
    }
    if numbers.usd is not None:
        values["foreign_capital_wan_usd"] = numbers.usd
    if numbers.land is not None:
        values["land_mu"] = numbers.land
    if numbers.floor is not None:
        values["floor_area_sqm"] = numbers.floor
    if dice.chance(25):
        values["energy_tce"] = UNAVAILABLE
        values["pollutants"] = UNAVAILABLE
    return values


def _for_appraisal(plan: Plan) -> LeadValues:
    numbers = plan.numbers
    return {
        "energy_tce": numbers.energy,
        "pollutants": numbers.pollutants,
        "output_wan_cny": numbers.output,
        "tax_wan_cny": numbers.tax,
    }


def _for_signing(plan: Plan) -> LeadValues:
    numbers = plan.numbers
    return {
        "agreed_amount": numbers.usd if numbers.usd is not None else numbers.investment,
        "agreed_currency": Currency.CNY if numbers.usd is None else Currency.USD,
        "investor_registration": plan.placed.uscc or f"示例登记号 {3000 + plan.number}",
    }


def move(
    plan: Plan, lead: Lead, to: Stage, people: tuple[Actor, Actor], on: date, *, gap: bool
) -> None:
    """On to the next stage: filled in and moved by the owner, appraised by the head of the team.

    With `gap` the head overrides the gate and says why.
    """
    owner, head = people
    fill_for(plan, lead, to, owner, on, gap=gap)
    if to is Stage.SIGNED:
        evidence = f"示例评审会议纪要〔{on.year}〕{plan.number + 1} 号"
        set_appraisal(actor=head, lead=lead, passed_on=on, evidence=evidence)
    if gap:
        reason = "税收测算由财政复核后补报，先行上会，避免错过企业董事会。"
        advance(actor=head, lead=lead, to=to, on=on, override_reason=reason)
        return
    evidence = "签约仪式照片与协议扫描件" if to is Stage.SIGNED else ""
    advance(actor=owner, lead=lead, to=to, on=on, evidence=evidence)


def finish(plan: Plan, lead: Lead, actor: Actor, on: date, reason: str) -> None:
    """The status in which a lead came to rest."""
    lost = plan.status is Status.LOST
    place = "未外流" if reason in ("投资计划取消", "资金未落实") else plan.rival
    set_status(
        actor=actor,
        lead=lead,
        to=plan.status,
        on=on,
        lost_reason=reason if lost else None,
        lost_to=place if lost else "",
        note=plan.status.label + "，详见最近一次接洽记录。",
    )
