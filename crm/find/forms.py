"""Forms of finding."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from crm.core.forms import BaseForm
from crm.find.services.saved import LONGEST_NAME


class SaveForm(BaseForm):
    """What a kept search is called, and whether it tells of what is new."""

    name = StringField(_l("名称"), [DataRequired(_l("请填写名称。")), Length(max=LONGEST_NAME)])
    notify = BooleanField(_l("有新的匹配时提醒我"))


class SynonymForm(BaseForm):
    """A group of trade terms."""

    wider = StringField(_l("上位词"), [Length(max=200)])
    terms = TextAreaField(_l("词"), [DataRequired(_l("请填写词。")), Length(max=4000)])
