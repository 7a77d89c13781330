"""The words of interactions. Pure."""

from crm.core.labels import N_, LabelledEnum


class InteractionKind(LabelledEnum):
    """How the zone and a company met."""

    VISIT = "visit", N_("走出去")
    RECEPTION = "reception", N_("请进来")
    MEETING = "meeting", N_("会议")
    CALL = "call", N_("电话")
    WECHAT = "wechat", N_("微信")
    EMAIL = "email", N_("邮件")
    NOTE = "note", N_("备注")

    @property
    def is_face_to_face(self) -> bool:
        """Whether people sat in one room, as the gate to 深度洽谈 asks."""
        return self in (type(self).VISIT, type(self).RECEPTION, type(self).MEETING)


class Outcome(LabelledEnum):
    """What came of it."""

    ADVANCED = "advanced", N_("推进")
    FLAT = "flat", N_("持平")
    BLOCKED = "blocked", N_("受阻")
    REJECTED = "rejected", N_("否定")
