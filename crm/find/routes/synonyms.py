"""The settings page of trade terms."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crm.accounts.guards import requires
from crm.core.errors import FieldErrors
from crm.core.permissions import Capability
from crm.core.unit_of_work import unit_of_work
from crm.core.web import current_actor
from crm.find.forms import SynonymForm
from crm.find.routes.blueprint import bp
from crm.find.services import synonyms as services


@bp.get("/admin/settings/synonyms")
@requires(Capability.SET_RULES)
def synonyms() -> ResponseReturnValue:
    """All groups of terms."""
    return _page(SynonymForm(formdata=None))


@bp.post("/admin/settings/synonyms")
@requires(Capability.SET_RULES)
def add_synonyms() -> ResponseReturnValue:
    """Add a group."""
    form = SynonymForm()
    if form.validate():
        try:
            with unit_of_work():
                services.add(
                    actor=current_actor(), wider=form.wider.data or "", terms=form.terms.data
                )
        except FieldErrors as error:
            form.add_errors(error.errors)
        else:
            flash(_("已增加，下一次搜索就生效。"))
            return redirect(url_for("find.synonyms"), 303)
    return _page(form), 422


@bp.post("/admin/settings/synonyms/<int:group_id>")
@requires(Capability.SET_RULES)
def change_synonyms(group_id: int) -> ResponseReturnValue:
    """Change a group or delete it, as `do` says."""
    row, actor = services.get(group_id), current_actor()
    if request.form.get("do") == "delete":
        with unit_of_work():
            services.remove(actor=actor, row=row)
        flash(_("已删除，下一次搜索就生效。"))
        return redirect(url_for("find.synonyms"), 303)
    form = SynonymForm()
    if form.validate():
        try:
            with unit_of_work():
                changed = services.change(
                    actor=actor, row=row, wider=form.wider.data or "", terms=form.terms.data
                )
        except FieldErrors as error:
            form.add_errors(error.errors)
        else:
            flash(_("已保存，下一次搜索就生效。") if changed else _("没有改动。"))
            return redirect(url_for("find.synonyms", _anchor=f"group-{group_id}"), 303)
    return _page(form, group_id), 422


def _page(form: SynonymForm, group_id: int | None = None) -> str:
    """The page; `form` is the new group's, or that of the group named."""
    q = request.args.get("q", "")[:60]
    return render_template(
        "find/synonyms.html",
        groups=services.groups(q),
        q=q,
        form=form,
        new=form if group_id is None else SynonymForm(formdata=None),
        changed=group_id,
    )
