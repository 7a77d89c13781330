"""People: list, create, change, disable, first password."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crm.accounts import queries
from crm.accounts.forms.admin import UserForm
from crm.accounts.guards import requires
from crm.accounts.models import User
from crm.accounts.queries import admin
from crm.accounts.queries.admin import UserFilters
from crm.accounts.routes.admin.blueprint import bp, same_page, wanted_page
from crm.accounts.services import people
from crm.core.errors import DomainError, FieldErrors
from crm.core.permissions import Capability, Role
from crm.core.unit_of_work import unit_of_work
from crm.core.web import current_actor


@bp.get("/users")
@requires(Capability.ADMINISTER)
def users() -> ResponseReturnValue:
    """Everyone with an account."""
    asked = request.args
    filters = UserFilters(
        q=asked.get("q", "")[:60],
        role=Role.read(asked.get("role", "")),
        team_id=asked.get("team", type=int),
        state=asked.get("state", "") if asked.get("state") in admin.STATES else "",
    )
    sort = asked.get("sort", "name")
    return render_template(
        "admin/users.html",
        users=admin.user_page(filters, sort=sort, page=wanted_page()),
        filters=filters,
        sort=sort,
        roles=list(Role),
        teams=queries.teams(only_active=False),
        url=same_page,
    )


@bp.get("/users/new")
@requires(Capability.ADMINISTER)
def new_user() -> ResponseReturnValue:
    """The form for a new account."""
    return render_template("admin/user.html", form=UserForm.for_user(None), user=None)


@bp.post("/users/new")
@requires(Capability.ADMINISTER)
def create_user() -> ResponseReturnValue:
    """Make an account and show its first password this once."""
    form = UserForm.for_user(None)
    if form.validate():
        actor = current_actor()
        try:
            with unit_of_work():
                user = people.create_user(actor=actor, values=form.values())
                password = people.reset_password(
                    actor=actor, user=user, password=form.password.data or None
                )
        except FieldErrors as error:
            form.add_errors(error.errors)
        else:
            return _show_password(user, password)
    return render_template("admin/user.html", form=form, user=None), 422


@bp.get("/users/<int:user_id>")
@requires(Capability.ADMINISTER)
def user(user_id: int) -> ResponseReturnValue:
    """One account."""
    found = queries.get_user(user_id)
    return _user_page(UserForm.for_user(found), found)


@bp.post("/users/<int:user_id>")
@requires(Capability.ADMINISTER)
def update_user(user_id: int) -> ResponseReturnValue:
    """Change name, role, team or the right to export."""
    found = queries.get_user(user_id)
    form = UserForm.for_user(found)
    if form.validate():
        moved = form.values()["team_id"] != found.team_id
        try:
            with unit_of_work():
                people.update_user(actor=current_actor(), user=found, values=form.values())
        except FieldErrors as error:
            form.add_errors(error.errors)
        except DomainError as error:
            form.add_errors({error.field or "role": [error.message]})
        else:
            flash(_("已保存。"))
            if moved and (left := queries.count_open_leads(found.id)):
                flash(_("名下 %(n)s 条在谈线索仍属原科室，请由科室负责人移交。", n=left), "warning")
            return redirect(url_for("admin.user", user_id=user_id), 303)
    return _user_page(form, found), 422


@bp.post("/users/<int:user_id>/disable")
@requires(Capability.ADMINISTER)
def disable_user(user_id: int) -> ResponseReturnValue:
    """Close an account at once, and say what remains to be handed over."""
    found = queries.get_user(user_id)
    hand_over_url = f"{url_for('leads.hand_over_person')}?from={user_id}"
    try:
        with unit_of_work():
            people.disable_user(actor=current_actor(), user=found, hand_over_url=hand_over_url)
    except DomainError as error:
        flash(error.message, "error")
    else:
        flash(_("%(name)s的账户已停用，登录和令牌已全部失效。", name=found.name))
    return redirect(url_for("admin.user", user_id=user_id), 303)


@bp.post("/users/<int:user_id>/enable")
@requires(Capability.ADMINISTER)
def enable_user(user_id: int) -> ResponseReturnValue:
    """Open a closed account again."""
    found = queries.get_user(user_id)
    with unit_of_work():
        people.enable_user(actor=current_actor(), user=found)
    flash(_("%(name)s的账户已启用。", name=found.name))
    return redirect(url_for("admin.user", user_id=user_id), 303)


@bp.post("/users/<int:user_id>/password")
@requires(Capability.ADMINISTER)
def reset_password(user_id: int) -> ResponseReturnValue:
    """Give a new first password and show it this once."""
    found = queries.get_user(user_id)
    try:
        with unit_of_work():
            password = people.reset_password(actor=current_actor(), user=found)
    except DomainError as error:
        flash(error.message, "error")
        return redirect(url_for("admin.user", user_id=user_id), 303)
    return _show_password(found, password)


def _user_page(form: UserForm, user: User) -> str:
    return render_template(
        "admin/user.html",
        form=form,
        user=user,
        open_leads=queries.count_open_leads(user.id),
        who_hands_over=queries.who_hands_over(user),
    )


def _show_password(user: User, password: str) -> str:
    return render_template("admin/first_password.html", user=user, password=password)
