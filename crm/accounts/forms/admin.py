"""Forms of administration."""

from typing import Any

from flask_babel import gettext as _, lazy_gettext as _l
from wtforms import BooleanField, DateField, IntegerField, RadioField, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, Length, Optional, ValidationError

from crm.accounts import queries
from crm.accounts.forms import TypedPasswordField
from crm.accounts.models import User
from crm.accounts.passwords import LONGEST
from crm.accounts.services.people import UserValues
from crm.core.forms import BaseForm
from crm.core.permissions import Role
from crm.core.settings import RULES


class UserForm(BaseForm):
    """A person's account."""

    username = StringField(_l("用户名"), [DataRequired(_l("请填写用户名。")), Length(max=60)])
    name = StringField(_l("姓名"), [DataRequired(_l("请填写姓名。")), Length(max=80)])
    role = SelectField(_l("角色"))
    team = SelectField(_l("科室"))
    can_export = BooleanField(_l("可以导出"))
    password = TypedPasswordField(_l("首次密码"), [Optional(), Length(max=LONGEST)])

    @classmethod
    def for_user(cls, user: User | None) -> "UserForm":
        """The form for a new person, or for the one given, whose username stays."""
        given: dict[str, Any] = {"role": Role.OFFICER.value, "team": ""}
        if user is not None:
            given = {
                "username": user.username,
                "name": user.name,
                "role": user.role.value,
                "team": str(user.team_id or ""),
                "can_export": user.can_export,
            }
        form = cls(data=given)
        form.role.choices = [SelectChoice(role.value, _(role.label)) for role in Role]
        teams = queries.teams()
        if user is not None and user.team is not None and user.team not in teams:
            teams.append(user.team)
        form.team.choices = [
            SelectChoice("", _("未分科室")),
            *(SelectChoice(str(team.id), team.name) for team in teams),
        ]
        if user is not None:
            del form.username
            del form.password
        return form

    def values(self) -> UserValues:
        """What was typed, as services take it."""
        values: UserValues = {
            "name": self.name.data,
            "role": Role(self.role.data),
            "team_id": int(self.team.data) if self.team.data else None,
            "can_export": self.can_export.data,
        }
        if "username" in self:
            values["username"] = self.username.data
        return values


class TeamForm(BaseForm):
    """A team's name."""

    name = StringField(_l("科室名称"), [DataRequired(_l("请填写科室名称。")), Length(max=80)])


class ItemForm(BaseForm):
    """A label of a list."""

    label = StringField(_l("名称"), [DataRequired(_l("请填写名称。")), Length(max=60)])


class WorkdayForm(BaseForm):
    """A day that differs from the plain week."""

    day = DateField(_l("日期"), [DataRequired(_l("请填写日期，例如 2027-01-01。"))])
    works = RadioField(
        _l("安排"),
        choices=[SelectChoice("0", _l("放假")), SelectChoice("1", _l("上班"))],
        default="0",
    )
    name = StringField(_l("说明"), [Optional(), Length(max=60)])


class WholeNumber(IntegerField):
    """A whole number; anything else is told in one plain sentence."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(_("请填整数。")) from error

    def pre_validate(self, form: BaseForm) -> None:
        """Refuse an empty field; zero is a number."""
        if self.data is None and not self.process_errors:
            raise ValidationError(_("请填整数。"))


def rules_form(values: dict[str, int]) -> BaseForm:
    """One whole number for each rule, filled with the values in force."""
    fields = {key: WholeNumber(_(label)) for key, (_default, label, _unit) in RULES.items()}
    form: BaseForm = type("RulesForm", (BaseForm,), fields)(data=values)
    return form
