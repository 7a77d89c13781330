"""The zone's settings: rules, lists, the calendar of working days."""

from datetime import date
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crm.accounts.forms.admin import ItemForm, WorkdayForm, rules_form
from crm.accounts.guards import requires
from crm.accounts.queries import admin
from crm.accounts.routes.admin.blueprint import bp
from crm.accounts.services import rules as services
from crm.core import clock, settings as stored
from crm.core.errors import DomainError, FieldErrors
from crm.core.forms import BaseForm
from crm.core.permissions import Actor, Capability
from crm.core.settings import RULES, ListItem, ListKind
from crm.core.unit_of_work import unit_of_work
from crm.core.web import current_actor


@bp.get("/settings")
@requires(Capability.SET_RULES)
def settings() -> ResponseReturnValue:
    """Rules and lists."""
    return _page(rules_form(stored.rules()))


@bp.post("/settings/rules")
@requires(Capability.SET_RULES)
def save_rules() -> ResponseReturnValue:
    """Put the rule values in force."""
    form = rules_form(stored.rules())
    if form.validate():
        values = {key: form[key].data for key in RULES}
        try:
            with unit_of_work():
                changed = services.set_rules(actor=current_actor(), values=values)
        except FieldErrors as error:
            form.add_errors(error.errors)
        else:
            flash(_("已更改 %(n)s 项规则，即刻生效。", n=changed) if changed else _("没有改动。"))
            return redirect(url_for("admin.settings"), 303)
    return _page(form), 422


@bp.post("/settings/lists/<kind>")
@requires(Capability.SET_RULES)
def add_item(kind: str) -> ResponseReturnValue:
    """Add a label to a list."""
    wanted = ListKind.read(kind) or abort(404)
    form = ItemForm()
    if not form.validate():
        flash(form.label.errors[0] if form.label.errors else _("没有保存。"), "error")
        return redirect(_list_url(wanted), 303)
    try:
        with unit_of_work():
            item = services.add_item(actor=current_actor(), kind=wanted, label=form.label.data)
    except DomainError as error:
        flash(error.message, "error")
    else:
        flash(_("已增加“%(label)s”。", label=item.label))
    return redirect(_list_url(wanted), 303)


@bp.post("/settings/items/<int:item_id>")
@requires(Capability.SET_RULES)
def change_item(item_id: int) -> ResponseReturnValue:
    """Rename, move, hide or show a label, as `do` says."""
    item = services.get_item(item_id)
    try:
        with unit_of_work():
            _change_item(current_actor(), item, request.form.get("do", "rename"))
    except DomainError as error:
        flash(error.message, "error")
    else:
        flash(_("已保存。"))
    return redirect(_list_url(ListKind(item.kind)), 303)


@bp.get("/settings/calendar")
@requires(Capability.SET_RULES)
def calendar() -> ResponseReturnValue:
    """The days of a year that differ from the plain week."""
    return _calendar_page(_wanted_year(), WorkdayForm())


@bp.post("/settings/calendar")
@requires(Capability.SET_RULES)
def set_workday() -> ResponseReturnValue:
    """Say that a day is worked or free."""
    form = WorkdayForm()
    if form.validate():
        try:
            with unit_of_work():
                services.set_workday(
                    actor=current_actor(),
                    day=form.day.data,
                    works=form.works.data == "1",
                    name=form.name.data or "",
                )
        except FieldErrors as error:
            form.add_errors(error.errors)
        else:
            flash(_("已保存 %(day)s。", day=form.day.data.isoformat()))
            return redirect(url_for("admin.calendar", year=form.day.data.year), 303)
    return _calendar_page(_wanted_year(), form), 422


@bp.post("/settings/calendar/<day>/remove")
@requires(Capability.SET_RULES)
def remove_workday(day: str) -> ResponseReturnValue:
    """Let a day follow the plain week again."""
    try:
        wanted = date.fromisoformat(day)
    except ValueError:
        abort(404)
    with unit_of_work():
        services.remove_workday(actor=current_actor(), day=wanted)
    flash(_("%(day)s 已恢复为平常的一天。", day=day))
    return redirect(url_for("admin.calendar", year=wanted.year), 303)


def _change_item(actor: Actor, item: ListItem, deed: str) -> None:
    if deed in ("up", "down"):
        services.move_item(actor=actor, item=item, by=-1 if deed == "up" else 1)
    elif deed in ("hide", "show"):
        services.set_item_active(actor=actor, item=item, active=deed == "show")
    else:
        services.rename_item(actor=actor, item=item, label=request.form.get("label", "")[:200])


def _page(form: BaseForm) -> str:
    lists = [(kind, stored.list_items(kind, only_active=False)) for kind in ListKind]
    rules = [(form[key], default, unit) for key, (default, _label, unit) in RULES.items()]
    return render_template(
        "admin/settings.html", form=form, rules=rules, lists=lists, item_form=ItemForm()
    )


def _calendar_page(year: int, form: WorkdayForm) -> str:
    shown: dict[str, Any] = {"year": year, "days": admin.workdays(year), "form": form}
    return render_template("admin/calendar.html", **shown)


def _wanted_year() -> int:
    year = request.args.get("year", type=int) or clock.today().year
    return year if 2000 <= year <= 2100 else clock.today().year


def _list_url(kind: ListKind) -> str:
    return url_for("admin.settings", _anchor=f"list-{kind.value}")
