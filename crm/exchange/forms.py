"""Shapes of input of the pages of import and export."""

from typing import Any

from flask_babel import gettext as _, lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, DateField, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import Length, Optional

from crm.core.forms import BaseForm
from crm.exchange.headers import IGNORE
from crm.exchange.sheets import SHEETS, Sheet
from crm.leads.stages import Stage, Status

EXPORTED = ("companies", "contacts", "leads", "stage_log", "interactions")


class UploadForm(BaseForm):
    """A file and what it holds."""

    kind = SelectField(_l("数据类型"))
    file = FileField(_l("文件"), [FileRequired(_l("请选择一个 .csv 或 .xlsx 文件。"))])

    def __init__(self, sheets: list[Sheet], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.kind.choices = [SelectChoice(value=s.name, label=_(s.label)) for s in sheets]


class RunForm(BaseForm):
    """How a file is to be imported."""

    update_known = BooleanField(_l("更新已有记录"))
    historical = BooleanField(_l("作为历史数据导入"))


class ExportForm(BaseForm):
    """What is to be exported, and how."""

    kind = SelectField(_l("数据类型"))
    q = StringField(_l("名称包含"), [Optional(), Length(max=60)])
    since = DateField(_l("从"), [Optional()])
    until = DateField(_l("到"), [Optional()])
    team = SelectField(_l("科室"), default="")
    stage = SelectField(_l("阶段"), default="")
    status = SelectField(_l("状态"), default="")
    ending = SelectField(_l("格式"), default=".xlsx")
    chinese = BooleanField(_l("列名用中文"))

    def __init__(self, teams: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        everything = SelectChoice(value="", label=_("全部"))
        self.kind.choices = [
            SelectChoice(value=name, label=_(SHEETS[name].label)) for name in EXPORTED
        ]
        self.team.choices = [
            everything, *(SelectChoice(value=str(key), label=name) for key, name in teams)
        ]  # fmt: skip
        for field, options in ((self.stage, Stage), (self.status, Status)):
            field.choices = [
                everything, *(SelectChoice(value=o.value, label=_(o.label)) for o in options)
            ]  # fmt: skip
        self.ending.choices = [
            SelectChoice(value=".xlsx", label="Excel（.xlsx）"),
            SelectChoice(value=".csv", label="CSV（UTF-8）"),
        ]


def column_choices(sheet: Sheet) -> list[tuple[str, str]]:
    """The columns that a column of a file may be, with 不导入 first."""
    found = [(IGNORE, _("不导入"))]
    for column in sheet.columns:
        mark = " *" if column.required else ""
        found.append((column.name, f"{_(column.label)}（{column.name}）{mark}"))
    return found
