"""Stages of a lead and what each asks for: one table, used by page, API, import and bulk edit."""

from crm.core.labels import LabelledEnum, N_


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
