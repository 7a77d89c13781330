"""Numbers of a project that agree with one another, and how people write them down."""

from dataclasses import dataclass
from decimal import Decimal

from crm.demo.dice import Dice
from crm.demo.reading import Firm
from crm.leads.kinds import Character, Sector, SiteKind

# 万元 from, to, and the step in which people speak of such sums.
_RANGES = {
    1: (3_000, 9_000, 500),
    2: (10_000, 25_000, 1_000),
    3: (25_000, 60_000, 1_000),
    4: (60_000, 150_000, 5_000),
    5: (200_000, 600_000, 10_000),
}
# tce a year for each 亿 invested; 万元 of output for each 万元 invested, in hundredths.
_ENERGY = {"hyd": 180, "under": 420, "equip": 150, "bat": 700, "si": 1200, "semi": 600, "svc": 40}
_OUTPUT = {"hyd": 140, "under": 150, "equip": 160, "bat": 170, "si": 120, "semi": 90, "svc": 200}
_POLLUTANTS = {
    "hyd": "清洗废水、废切削液、少量 VOCs",
    "under": "淬火油烟、喷涂 VOCs、抛丸粉尘",
    "equip": "焊接烟尘、喷涂 VOCs",
    "bat": "NMP 废气、涂布清洗废水、氮氧化物",
    "si": "含硅废水、酸性废气",
    "semi": "含氟废水、酸碱废气、少量 VOCs",
    "svc": "生活污水",
}
RATE = 7
"""万元 for one 万美元, rounded as in a first conversation."""


@dataclass(frozen=True)
class Figures:
    """All numbers of a project in the units of the lead, with what was typed."""

    investment: Decimal
    fixed: Decimal
    usd: Decimal | None
    land: Decimal | None
    floor: Decimal | None
    site_kind: SiteKind
    energy: Decimal
    output: Decimal
    tax: Decimal
    jobs: int
    pollutants: str
    character: Character
    is_no1: bool
    typed: dict[str, str]

    @property
    def site(self) -> str:
        """How much land or floor, in words."""
        if self.land is not None:
            return f"用地约 {self.land:,} 亩"
        kind = "厂房" if self.site_kind is SiteKind.EXISTING_PLANT else "场地"
        return f"{kind}约 {self.floor:,} ㎡"


def figures(firm: Firm, dice: Dice) -> Figures:
    """The numbers of this firm's project."""
    low, high, step = _RANGES[firm.size]
    investment = Decimal(dice.between(low // step, high // step) * step)
    usd = None
    if firm.is_foreign:
        usd = Decimal(int(investment) // RATE // 100 * 100 or 100)
        investment = usd * RATE
    site_kind = _site_kind(firm, dice)
    land = floor = None
    if site_kind is SiteKind.NEW_LAND:
        land = Decimal(max(20, int(investment) // dice.between(310, 420) // 5 * 5))
    else:
        low, high = (4, 30) if firm.trade == "svc" else (30, 90) if firm.size == 1 else (80, 220)
        floor = Decimal(dice.between(low, high) * 100)
    output = _rounded(investment * _OUTPUT[firm.trade] * dice.between(90, 110) / 10_000)
    return Figures(
        investment=investment,
        fixed=_rounded(investment * dice.between(58, 75) / 100),
        usd=usd,
        land=land,
        floor=floor,
        site_kind=site_kind,
        energy=Decimal(max(10, int(investment) * _ENERGY[firm.trade] // 10_000 // 10 * 10)),
        output=output,
        tax=_rounded(output * dice.between(25, 50) / 1000),
        jobs=max(12, int(investment) // dice.between(90, 190) // 10 * 10),
        pollutants=_POLLUTANTS[firm.trade],
        character=_character(firm),
        is_no1=firm.size == 5 or (firm.size == 4 and dice.chance(30)),
        typed=_typed(investment, usd, land, floor, dice),
    )


def _rounded(value: Decimal) -> Decimal:
    return Decimal(int(value) // 100 * 100)


def _site_kind(firm: Firm, dice: Dice) -> SiteKind:
    if firm.sector is Sector.SERVICES:
        return SiteKind.RENT
    if firm.size >= 3:
        return SiteKind.NEW_LAND
    if firm.size == 2:
        return dice.pick((SiteKind.NEW_LAND, SiteKind.EXISTING_PLANT))
    return dice.pick((SiteKind.RENT, SiteKind.EXISTING_PLANT))


def _character(firm: Firm) -> Character:
    if firm.size >= 4:
        return Character.BIG_STRONG
    fresh = any(text.startswith("unicorn") for text in firm.honours)
    return Character.NEW_SPECIAL if fresh or firm.trade == "semi" else Character.SMALL_FINE


def _typed(
    investment: Decimal,
    usd: Decimal | None,
    land: Decimal | None,
    floor: Decimal | None,
    dice: Dice,
) -> dict[str, str]:
    typed = {"investment_wan_cny": money(investment, dice)}
    if usd is not None:
        typed["foreign_capital_wan_usd"] = dice.pick((f"{usd}万美元", f"{usd:,} 万美元"))
    if land is not None:
        typed["land_mu"] = dice.pick((f"{land}亩", f"约{land}亩", str(land)))
    if floor is not None:
        typed["floor_area_sqm"] = dice.pick((f"{floor}平方", f"{floor:,}㎡", f"{floor}平米"))
    return typed


def money(wan: Decimal, dice: Dice) -> str:
    """An amount as people write it: 3.5亿, 35000万元, 35,000."""
    if wan >= 10_000:
        yi = f"{(wan / 10_000).normalize():f}"
        return dice.pick((f"{yi}亿", f"{yi}亿元", f"{yi} 亿", f"{wan}万元"))
    return dice.pick((f"{wan}万", f"{wan:,}万元", str(wan)))
