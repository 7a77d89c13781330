"""Forms of signing in and of one's own account."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import DataRequired, Length

from crm.accounts.passwords import LONGEST
from crm.core.forms import BaseForm


class SignInForm(BaseForm):
    """Name and password; the password is taken as typed, blanks and all."""

    username = StringField(_l("用户名"), [DataRequired(_l("请填写用户名。")), Length(max=60)])
    password = PasswordField(_l("密码"), [DataRequired(_l("请填写密码。")), Length(max=LONGEST)])
    next = HiddenField()
