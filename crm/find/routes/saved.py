"""Saved searches: kept from the search page, listed, changed, opened."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crm.accounts.guards import requires
from crm.core.errors import Conflict, DomainError, FieldErrors
from crm.core.permissions import Capability
from crm.core.unit_of_work import unit_of_work
from crm.core.web import current_actor
from crm.find import filters
from crm.find.forms import SaveForm
from crm.find.models import SavedSearch
from crm.find.routes.blueprint import bp
from crm.find.services import saved as services
from crm.leads.stages import Stage, Status


@bp.get("/search/saved")
@requires(Capability.SEE_BUSINESS)
def saved() -> ResponseReturnValue:
    """The person's own searches; with those of a search as parameters, the form to keep it."""
    asked = filters.kept(request.args)
    form = SaveForm(formdata=None, data={"name": asked.get("q", "")[: services.LONGEST_NAME]})
    return _page(form, asked)


@bp.post("/search/saved")
@requires(Capability.SEE_BUSINESS)
def save() -> ResponseReturnValue:
    """Keep the search that the form carries."""
    form, asked = SaveForm(), filters.kept(request.form)
    if form.validate():
        try:
            with unit_of_work():
                kept = services.save(
                    actor=current_actor(),
                    name=form.name.data,
                    asked=asked,
                    notify=form.notify.data,
                )
        except FieldErrors as error:
            form.add_errors(error.errors)
        except Conflict as error:
            form.add_errors({"name": [error.message]})
        else:
            flash(_("已保存“%(name)s”。", name=kept.name))
            return redirect(address_of(kept), 303)
    return _page(form, asked), 422


@bp.post("/search/saved/<int:saved_id>")
@requires(Capability.SEE_BUSINESS)
def change_saved(saved_id: int) -> ResponseReturnValue:
    """Rename or delete a search, or have it tell of what is new or not, as `do` says."""
    actor = current_actor()
    kept = services.get(actor, saved_id)
    deed = request.form.get("do", "rename")
    said = _("已保存。")
    try:
        with unit_of_work():
            if deed == "delete":
                said = _("已删除“%(name)s”。", name=kept.name)
                services.remove(saved=kept)
            elif deed in ("notify", "quiet"):
                services.set_notify(saved=kept, notify=deed == "notify")
                said = _("有新的匹配时会提醒您。") if deed == "notify" else _("不再提醒。")
            else:
                name = request.form.get("name", "")[:200]
                services.rename(actor=actor, saved=kept, name=name)
    except DomainError as error:
        flash(error.message, "error")
    else:
        flash(said)
    return redirect(url_for("find.saved"), 303)


@bp.get("/search/saved/<int:saved_id>")
@requires(Capability.SEE_BUSINESS)
def open_saved(saved_id: int) -> ResponseReturnValue:
    """Run a saved search; with `added` for what came in after that moment."""
    kept = services.get(current_actor(), saved_id)
    return redirect(address_of(kept, added=request.args.get("added", "")[:40] or None), 303)


def address_of(kept: SavedSearch, added: str | None = None) -> str:
    """The address of the search page that a saved search stands for."""
    parameters: dict[str, Any] = {**kept.asked, "added": added}
    return url_for("find.search", **parameters)


def _page(form: SaveForm, asked: dict[str, str]) -> str:
    own = services.own(current_actor())
    shown: dict[str, Any] = {
        "saved": own,
        "told": services.told(current_actor()),
        "form": form,
        "asked": asked,
        "types": filters.TYPES,
        "stages": {stage.value: stage.label for stage in Stage},
        "statuses": {status.value: status.label for status in Status},
        "most_keys": services.MOST_KEYS,
        "names": filters.names_of([asked, *(kept.asked for kept in own)]),
    }
    return render_template("find/saved.html", **shown)
