"""Forms of signing in and of one's own account."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, PasswordField, SelectField, StringField
from wtforms.validators import DataRequired, EqualTo, Length

from crm.accounts.passwords import LONGEST
from crm.core.forms import BaseForm


class TypedPasswordField(PasswordField):
    """A password as it was typed: blanks at its ends belong to it."""

    def __init__(self, *args: Any, filters: Any = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)


class SignInForm(BaseForm):
    """Name and password; the password is taken as it was typed."""

    username = StringField(_l("用户名"), [DataRequired(_l("请填写用户名。")), Length(max=60)])
    password = TypedPasswordField(
        _l("密码"), [DataRequired(_l("请填写密码。")), Length(max=LONGEST)]
    )
    next = HiddenField()


class PasswordForm(BaseForm):
    """The present password and a new one, typed twice."""

    current = TypedPasswordField(
        _l("现在的密码"), [DataRequired(_l("请填写现在的密码。")), Length(max=LONGEST)]
    )
    new = TypedPasswordField(_l("新密码"), [DataRequired(_l("请填写新密码。"))])
    again = TypedPasswordField(
        _l("再输一次新密码"), [EqualTo("new", _l("两次输入的新密码不一样。"))]
    )


class LocaleForm(BaseForm):
    """The language of the screens."""

    locale = SelectField(_l("界面语言"))


class TokenForm(BaseForm):
    """What a new API token is for."""

    name = StringField(_l("用途"), [DataRequired(_l("请写明用途，便于以后辨认。")), Length(max=80)])
