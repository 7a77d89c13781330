"""Pages of import and export. What a person may not save by hand fails in a file too."""

from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import (
    Blueprint,
    Flask,
    abort,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crm.accounts.guards import requires, signed_in
from crm.accounts.queries import teams
from crm.core import clock
from crm.core.errors import DomainError
from crm.core.permissions import Capability
from crm.core.settings import rule
from crm.core.unit_of_work import unit_of_work
from crm.core.web import current_actor, wants_fragment
from crm.exchange import jobs, queries, services
from crm.exchange.exporting.run import ExportFilter, Titles, export_file
from crm.exchange.faults import FileFault
from crm.exchange.forms import ExportForm, RunForm, UploadForm, column_choices
from crm.exchange.models import ImportJob, JobState
from crm.exchange.sheets import SHEETS
from crm.exchange.writing import open_sink
from crm.leads.stages import Stage, Status

bp = Blueprint("exchange", __name__, url_prefix="/exchange")
MOST_COLUMNS = 300


def _app() -> Flask:
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - Flask's documented way to hand the application to a thread
    return app


def _folder() -> Path:
    return jobs.imports_folder(_app())


@bp.get("/import")
@signed_in
def start_import() -> ResponseReturnValue:
    """Choose a file; below it the person's latest imports."""
    sheets = services.kinds_for(current_actor())
    if not sheets:
        abort(404)
    with unit_of_work():
        services.mark_interrupted()
        services.sweep(folder=_folder())
    form = UploadForm(sheets, formdata=None, kind=request.args.get("kind"))
    return _start_page(form)


def _start_page(form: UploadForm, status: int = 200) -> tuple[str, int]:
    actor = current_actor()
    page = render_template(
        "exchange/import.html",
        form=form,
        sheets=services.kinds_for(actor),
        jobs=queries.recent_jobs(actor),
        running=services.is_running,
    )
    return page, status


@bp.post("/import")
@signed_in
def upload() -> ResponseReturnValue:
    """Take a file in and go on to its preview."""
    actor = current_actor()
    sheets = services.kinds_for(actor)
    if not sheets:
        abort(404)
    form = UploadForm(sheets)
    if not form.validate():
        return _start_page(form, 422)
    sent = form.file.data
    try:
        with unit_of_work():
            job = services.take_in(
                actor=actor,
                folder=_folder(),
                kind=form.kind.data,
                file_name=sent.filename,
                stream=sent.stream,
            )
    except FileFault as fault:
        form.add_errors({"file": [fault.shown()]})
        return _start_page(form, 422)
    except OSError:
        form.add_errors({"file": [_("文件没有存下来：磁盘可能已满。请稍后再试或告知管理员。")]})
        return _start_page(form, 507)
    return redirect(url_for("exchange.show", token=job.token), 303)


def _load(token: str) -> ImportJob:
    return queries.job_of(current_actor(), token) or abort(404)


@bp.get("/import/<token>")
@signed_in
def show(token: str) -> ResponseReturnValue:
    """Preview and mapping, progress, or the result, whatever the import has come to."""
    job = _load(token)
    if job.state is JobState.RUNNING and not services.is_running(job):
        with unit_of_work():
            services.mark_interrupted()
    if wants_fragment():
        if services.is_running(job):
            return render_template("exchange/_progress.html", job=job)
        return "", 200, {"HX-Refresh": "true"}
    return _job_page(job)


def _job_page(job: ImportJob, form: RunForm | None = None, status: int = 200) -> tuple[str, int]:
    if form is None:
        form = RunForm(formdata=None, update_known=job.update_known, historical=job.historical)
    folder = _folder()
    source = services.source_of(folder, job)
    page = render_template(
        "exchange/job.html",
        job=job,
        form=form,
        sheet=SHEETS[job.kind],
        running=services.is_running(job),
        again=_fields_of(job),
        may_run_again=job.message == services.INTERRUPTED and source.exists(),
        values=queries.first_values(source, job),
        columns=column_choices(SHEETS[job.kind]),
        may_be_history=services.may_import_history(current_actor())
        and job.kind in {"leads", "stage_log", "interactions"},
        has_source=source.exists(),
        has_errors=services.errors_of(folder, job).exists(),
    )
    return page, status


def _fields_of(job: ImportJob) -> dict[str, str]:
    """What to send to run a job again as it was."""
    fields = {f"column-{place}": name for place, name in job.mapping.items()}
    fields["action"] = "check" if job.dry_run else "import"
    fields |= {name: "y" for name in ("update_known", "historical") if getattr(job, name)}
    return fields


@bp.post("/import/<token>")
@signed_in
def run(token: str) -> ResponseReturnValue:
    """Check or import with the chosen columns."""
    job = _load(token)
    form = RunForm()
    if not form.validate():
        return _job_page(job, form, 422)
    mapping = {
        place: name
        for place in range(min(len(job.header), MOST_COLUMNS))
        if (name := request.form.get(f"column-{place}", ""))
    }
    try:
        with unit_of_work():
            services.start(
                actor=current_actor(),
                job=job,
                mapping=mapping,
                dry_run=request.form.get("action") != "import",
                update_known=form.update_known.data,
                historical=form.historical.data,
            )
    except FileFault as fault:
        form.add_errors({"": [fault.shown()]})
        return _job_page(job, form, 422)
    except DomainError as error:
        form.add_errors({error.field or "": [_(error.message)]})
        return _job_page(job, form, error.status)
    jobs.run(_app(), job)
    return redirect(url_for("exchange.show", token=token), 303)


@bp.get("/import/<token>/errors")
@signed_in
def errors(token: str) -> ResponseReturnValue:
    """The rows that failed, ready to be corrected and imported again."""
    job = _load(token)
    path = services.errors_of(_folder(), job)
    if not path.exists():
        abort(404)
    stem = job.file_name.rsplit(".", 1)[0]
    name = _("%(name)s-有误的行", name=stem) + job.ending
    return send_file(path, as_attachment=True, download_name=name)


@bp.post("/import/<token>/discard")
@signed_in
def discard(token: str) -> ResponseReturnValue:
    """Throw an import and its files away."""
    job = _load(token)
    try:
        with unit_of_work():
            services.discard(actor=current_actor(), folder=_folder(), job=job)
    except DomainError as error:
        flash(_(error.message), "error")
        return redirect(url_for("exchange.show", token=token), 303)
    flash(_("已删除上传的文件。"))
    return redirect(url_for("exchange.start_import"), 303)


@bp.get("/template/<kind><any('.csv','.xlsx'):ending>")
@signed_in
def template(kind: str, ending: str) -> ResponseReturnValue:
    """An empty file with the columns of a kind."""
    if kind not in {sheet.name for sheet in services.kinds_for(current_actor())}:
        abort(404)
    sheet = SHEETS[kind]
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"template{ending}"
        with open_sink(path, [max(10, len(c.label) * 2 + 2) for c in sheet.columns]) as sink:
            sink.write(_(column.label) for column in sheet.columns)
        content = BytesIO(path.read_bytes())
    name = _("%(kind)s导入模板", kind=_(sheet.label)) + ending
    return send_file(content, as_attachment=True, download_name=name)


@bp.get("/export")
@requires(Capability.EXPORT)
def start_export() -> ResponseReturnValue:
    """Choose what to export."""
    return _export_page(_export_form(empty=True))


def _export_form(*, empty: bool = False) -> ExportForm:
    found = [(team.id, team.name) for team in teams()]
    return ExportForm(found, formdata=None) if empty else ExportForm(found)


def _export_page(form: ExportForm, status: int = 200) -> tuple[str, int]:
    return render_template("exchange/export.html", form=form, most=rule("export_rows")), status


@bp.post("/export")
@requires(Capability.EXPORT)
def export() -> ResponseReturnValue:
    """Write the file within the person's access; the log keeps the filter and the number of rows."""
    form = _export_form()
    if not form.validate():
        return _export_page(form, 422)
    sheet = SHEETS[form.kind.data]
    wanted = ExportFilter(
        q=form.q.data or "",
        since=form.since.data,
        until=form.until.data,
        team_id=int(form.team.data) if form.team.data else None,
        stage=Stage.read(form.stage.data or ""),
        status=Status.read(form.status.data or ""),
    )
    try:
        with TemporaryDirectory() as folder:
            path = Path(folder) / f"export{form.ending.data}"
            export_file(
                path,
                sheet,
                wanted,
                actor=current_actor(),
                titles=Titles(chinese=bool(form.chinese.data)),
                most=rule("export_rows"),
            )
            content = BytesIO(path.read_bytes())
    except FileFault as fault:
        form.add_errors({"": [fault.shown()]})
        return _export_page(form, 422)
    day = clock.today().isoformat()
    name = f"{_(sheet.label)}-{day}{form.ending.data}"
    return send_file(content, as_attachment=True, download_name=name)
