"""The words of companies: kinds of names, honours, investors and contacts. Pure."""

from datetime import date

from crm.core.labels import N_, LabelledEnum


class NameKind(LabelledEnum):
    """How a name belongs to a company."""

    FULL = "full", N_("全称")
    SHORT = "short", N_("简称")
    FORMER = "former", N_("曾用名")
    ENGLISH = "english", N_("英文名")
    BRAND = "brand", N_("品牌")
    STOCK = "stock", N_("股票简称或代码")
    GROUP = "group", N_("集团名")
    UNIT = "unit", N_("旗下企业")


class HonourKind(LabelledEnum):
    """Titles that make a company a target."""

    FORTUNE_GLOBAL_500 = "fortune_global_500", N_("世界500强")
    CHINA_500 = "china_500", N_("中国500强")
    MULTINATIONAL = "multinational", N_("跨国公司")
    LISTED = "listed", N_("上市公司")
    SINGLE_CHAMPION = "single_champion", N_("单项冠军")
    LITTLE_GIANT = "little_giant", N_("专精特新小巨人")
    HIGH_TECH = "high_tech", N_("高新技术企业")
    UNICORN = "unicorn", N_("独角兽")


class HonourLevel(LabelledEnum):
    """Who awarded it."""

    NATIONAL = "national", N_("国家")
    PROVINCIAL = "provincial", N_("省")


class InvestorNature(LabelledEnum):
    """Whose capital it is."""

    CENTRAL_SOE = "central_soe", N_("央企")
    LOCAL_SOE = "local_soe", N_("地方国企")
    PRIVATE = "private", N_("民企")
    FOREIGN = "foreign", N_("外资")
    JOINT = "joint", N_("合资")


class DecisionRole(LabelledEnum):
    """What a contact has to say in the decision."""

    DECIDES = "decides", N_("决策人")
    INFLUENCES = "influences", N_("影响人")
    LIAISES = "liaises", N_("联络人")
    INTERMEDIARY = "intermediary", N_("中介")


# Lists are published anew each year; certificates run three years (contract.md, `companies`).
YEARS_VALID = {
    HonourKind.FORTUNE_GLOBAL_500: 1,
    HonourKind.CHINA_500: 1,
}


def valid_until(kind: HonourKind, year: int) -> date:
    """The last day on which an honour of this year counts, where none was given."""
    return date(year + YEARS_VALID.get(kind, 3), 12, 31)
