"""Which leads there are: their firm, people, course and numbers, before anything happens."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from crm.core.permissions import Actor, Visibility
from crm.demo.dice import Dice
from crm.demo.figures import Figures, figures
from crm.demo.firms import Placed
from crm.demo.people import TEAM_OF_TRADE, Cast
from crm.leads.stages import Stage, Status

# How many leads end where; the rest of the firms' leads are fresh.
_COURSES: Sequence[tuple[Stage, Status, int]] = (
    (Stage.IDENTIFIED, Status.ACTIVE, 9),
    (Stage.CONTACTED, Status.ACTIVE, 19),
    (Stage.NEGOTIATING, Status.ACTIVE, 19),
    (Stage.APPRAISING, Status.ACTIVE, 9),
    (Stage.SIGNED, Status.ACTIVE, 12),
    (Stage.IDENTIFIED, Status.LOST, 1),
    (Stage.CONTACTED, Status.LOST, 3),
    (Stage.NEGOTIATING, Status.LOST, 6),
    (Stage.APPRAISING, Status.LOST, 2),
    (Stage.CONTACTED, Status.PAUSED, 2),
    (Stage.NEGOTIATING, Status.PAUSED, 2),
    (Stage.APPRAISING, Status.PAUSED, 1),
    (Stage.CONTACTED, Status.DORMANT, 2),
    (Stage.NEGOTIATING, Status.DORMANT, 2),
    (Stage.CONTACTED, Status.ENDED, 1),
    (Stage.NEGOTIATING, Status.ENDED, 1),
    (Stage.CONTACTED, Status.TRANSFERRED, 1),
    (Stage.NEGOTIATING, Status.TRANSFERRED, 1),
)
SOURCES = (
    "自行接洽", "上级推荐", "以商招商", "商协会", "中介顾问", "基金资本", "展会活动", "驻点招商",
    "官网来电", "领导交办", "存量增资", "产业外溢",
)  # fmt: skip
_RIVALS = ("盐城", "滁州", "宿迁", "芜湖", "枣庄", "商丘", "常州", "合肥")
# Firms whose second lead another section took in: they collide.
_SECOND = ("示例东岳传动股份有限公司", "示例硬核碳材有限公司", "示例碳芯半导体有限公司",
           "示例清凉热管理有限公司", "示例恒履底盘科技有限公司", "示例通港供应链管理有限公司")  # fmt: skip
NEW, UNOWNED, RELEASED = "new", "unowned", "released"


@dataclass(frozen=True)
class Plan:
    """One lead as it is to be."""

    number: int
    placed: Placed
    title: str
    team: str
    owner: Actor
    registrar: Actor
    stage: Stage
    status: Status
    special: str
    source: str
    visibility: Visibility
    numbers: Figures
    anchor: str
    rival: str
    dice: Dice

    @property
    def is_over(self) -> bool:
        """Whether nothing is done on it any more."""
        return self.status is not Status.ACTIVE


_ANCHORS = {
    "hyd": ("徐工集团", "卡特彼勒"), "under": ("卡特彼勒", "徐工集团"),
    "equip": ("徐工集团", "卡特彼勒"), "bat": ("比亚迪",), "si": ("协鑫集团", "弘元绿能"),
}  # fmt: skip


def make_plans(placed: Sequence[Placed], cast: Cast) -> list[Plan]:
    """All leads, in no order of time."""
    dice = Dice("plans")
    wanting = dice.mixed([one for one in placed if one.firm.has_lead])
    courses = dice.mixed([(s, t) for s, t, count in _COURSES for _n in range(count)])
    fresh = _fresh()
    turns: dict[str, int] = {}
    plans = []
    for number, one in enumerate(wanting):
        stage, status = (
            courses[number] if number < len(courses) else (Stage.IDENTIFIED, Status.ACTIVE)
        )
        special = "" if number < len(courses) else next(fresh)
        team = "wz" if one.firm.is_foreign else TEAM_OF_TRADE[one.firm.trade]
        plans.append(_plan(number, one, team, stage, status, special, cast, turns))
    by_name = {one.firm.name: one for one in wanting}
    for place, name in enumerate(_SECOND):
        one, number = by_name[name], len(wanting) + place
        team = "wz" if place % 2 else "fw"
        stage = Stage.CONTACTED if place % 2 else Stage.IDENTIFIED
        plans.append(_plan(number, one, team, stage, Status.ACTIVE, "", cast, turns))
    return plans


def _fresh() -> Iterator[str]:
    """What the leads after the courses are: new, without owner, or given back."""
    while True:
        yield from (NEW, UNOWNED, NEW, RELEASED)


def _plan(
    number: int,
    placed: Placed,
    team: str,
    stage: Stage,
    status: Status,
    special: str,
    cast: Cast,
    turns: dict[str, int],
) -> Plan:
    dice = Dice(f"plan {number}")
    firm = placed.firm
    turn = turns[team] = turns.get(team, -1) + 1
    officers = cast.officers[team]
    owner = officers[turn % len(officers)]
    if turn % 9 == 8:
        owner = cast.leads[team]
    by_lead = special == UNOWNED or dice.chance(10)
    second = number >= 1 and firm.name in _SECOND and team != TEAM_OF_TRADE[firm.trade]
    anchors = _ANCHORS.get(firm.trade, ())
    return Plan(
        number=number,
        placed=placed,
        title=f"{firm.short}{'二期' if second else ''}{firm.plan}项目",
        team=team,
        owner=owner,
        registrar=cast.leads[team] if by_lead else owner,
        stage=stage,
        status=status,
        special=special,
        source=SOURCES[number % len(SOURCES)],
        visibility=_visibility(special, dice),
        numbers=figures(firm, dice),
        anchor=dice.pick(anchors) if anchors and dice.chance(65) else "",
        rival=dice.pick(_RIVALS),
        dice=dice,
    )


def _visibility(special: str, dice: Dice) -> Visibility:
    roll = dice.between(1, 100)
    if special or roll <= 62:
        return Visibility.ZONE
    return Visibility.TEAM if roll <= 86 else Visibility.CONFIDENTIAL
