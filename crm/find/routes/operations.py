"""The page from which an administrator looks after the search index."""

from typing import Any

from flask import abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crm.accounts.guards import requires
from crm.core.errors import Conflict
from crm.core.permissions import Capability
from crm.core.unit_of_work import unit_of_work
from crm.core.web import current_actor, wants_fragment
from crm.find import filters, operations as running
from crm.find.models import IndexTask
from crm.find.routes.blueprint import bp
from crm.find.routes.search import ENGINES
from crm.find.services import tasks


@bp.get("/admin/search")
@requires(Capability.ADMINISTER)
def operations() -> ResponseReturnValue:
    """Engine, backlog, errors, documents, tasks; htmx gets the figures alone."""
    with unit_of_work():
        tasks.close_interrupted()
    job = tasks.running()
    shown: dict[str, Any] = {
        "figures": running.figures(),
        "job": job,
        "jobs": [one for one in tasks.latest() if job is None or one.id != job.id],
        "tasks": IndexTask,
        "types": filters.TYPES,
        "engines": ENGINES,
        "faults": running.FAULTS,
        "other_fault": running.OTHER_FAULT,
    }
    template = "find/_operations.html" if wants_fragment() else "find/operations.html"
    return render_template(template, **shown)


@bp.post("/admin/search")
@requires(Capability.ADMINISTER)
def start_task() -> ResponseReturnValue:
    """Start a task in the background."""
    task = IndexTask.read(request.form.get("task", "")) or abort(422)
    try:
        with unit_of_work():
            tasks.close_interrupted()
            job = tasks.start(actor=current_actor(), task=task, total=running.records())
    except Conflict as error:
        flash(error.message, "error")
    else:
        running.run(current_app._get_current_object(), job.id, task)  # type: ignore[attr-defined]  # noqa: SLF001
        flash(_("已开始，可以离开本页，稍后回来看结果。"))
    return redirect(url_for("find.operations"), 303)
