"""The words of leads. Pure."""

from crm.core.labels import N_, LabelledEnum


class Sector(LabelledEnum):
    """What is to be built."""

    MANUFACTURING = "manufacturing", N_("制造业")
    SERVICES = "services", N_("现代服务业")


class InvestorKind(LabelledEnum):
    """Whose money."""

    DOMESTIC = "domestic", N_("内资")
    FOREIGN = "foreign", N_("外资")


class Character(LabelledEnum):
    """The zone's three wanted characters of a project."""

    BIG_STRONG = "big_strong", N_("大而强")
    SMALL_FINE = "small_fine", N_("小而美")
    NEW_SPECIAL = "new_special", N_("新而特")


class SiteKind(LabelledEnum):
    """What the investor wants to sit on."""

    NEW_LAND = "new_land", N_("新供地")
    EXISTING_PLANT = "existing_plant", N_("存量厂房")
    RENT = "rent", N_("租赁")


class Currency(LabelledEnum):
    """The currency of an agreed amount: 万元 or 万美元."""

    CNY = "CNY", N_("人民币")
    USD = "USD", N_("美元")


class AssignmentKind(LabelledEnum):
    """How a lead came to its owner."""

    ASSIGN = "assign", N_("分派")
    HAND_OVER = "hand_over", N_("交接")
    CLAIM = "claim", N_("领取")
    RELEASE = "release", N_("退回公海")
