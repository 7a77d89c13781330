"""Teams: made, renamed, closed."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crm.accounts import queries
from crm.accounts.forms.admin import TeamForm
from crm.accounts.guards import requires
from crm.accounts.queries import admin
from crm.accounts.routes.admin.blueprint import bp
from crm.accounts.services import teams as services
from crm.core.errors import DomainError, FieldErrors
from crm.core.permissions import Capability
from crm.core.unit_of_work import unit_of_work
from crm.core.web import current_actor


@bp.get("/teams")
@requires(Capability.ADMINISTER)
def teams() -> ResponseReturnValue:
    """All teams with the number of their people."""
    return _page(TeamForm())


@bp.post("/teams")
@requires(Capability.ADMINISTER)
def create_team() -> ResponseReturnValue:
    """Add a team."""
    form = TeamForm()
    if form.validate():
        try:
            with unit_of_work():
                team = services.create_team(actor=current_actor(), name=form.name.data)
        except FieldErrors as error:
            form.add_errors(error.errors)
        else:
            flash(_("已新建科室“%(name)s”。", name=team.name))
            return redirect(url_for("admin.teams"), 303)
    return _page(form), 422


@bp.post("/teams/<int:team_id>")
@requires(Capability.ADMINISTER)
def update_team(team_id: int) -> ResponseReturnValue:
    """Rename a team, close it or open it again, as `do` says."""
    team = queries.get_team(team_id)
    deed = request.form.get("do", "rename")
    try:
        with unit_of_work():
            if deed in ("close", "open"):
                services.set_active(actor=current_actor(), team=team, active=deed == "open")
            else:
                name = request.form.get("name", "")[:200]
                services.rename_team(actor=current_actor(), team=team, name=name)
    except DomainError as error:
        flash(error.message, "error")
    else:
        flash(_("已保存。"))
    return redirect(url_for("admin.teams"), 303)


def _page(form: TeamForm) -> str:
    return render_template("admin/teams.html", form=form, teams=admin.teams_with_members())
