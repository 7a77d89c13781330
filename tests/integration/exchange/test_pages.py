"""The pages of import and export: preview, mapping, check, run, rights."""

import csv
from collections.abc import Callable
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from crm.accounts.models import User
from crm.companies.models import Company
from crm.core.activity import Activity
from crm.core.permissions import Role, Visibility
from crm.core.settings import Setting
from crm.exchange import jobs
from crm.exchange.models import ImportJob, JobState
from crm.extensions import db
from crm.interactions.models import Interaction
from crm.leads.models import Lead
from crm.leads.stages import Stage
from tests.factories import CompanyFactory, InteractionFactory, LeadFactory, UserFactory
from tests.support.clients import Client

AsUser = Callable[..., Client]


def upload(client: Client, kind: str, text: str, name: str = "a.csv", **more: Any) -> str:
    """Upload a file; gives the address of its preview."""
    response = client.post(
        "/exchange/import",
        data={"kind": kind, "file": (BytesIO(text.encode()), name), **more},
        content_type="multipart/form-data",
    )
    assert response.status_code == 303, response.text
    return response.location


def run(client: Client, address: str, action: str = "import", **fields: str) -> str:
    """Run with the columns that the page has chosen; gives the page of the result."""
    job = job_at(address)
    chosen = {f"column-{place}": name for place, name in job.mapping.items()}
    response = client.post(address, data={**chosen, "action": action, **fields})
    assert response.status_code == 303, response.text
    return client.get(address).text


def job_at(address: str) -> ImportJob:
    token = address.rsplit("/", 1)[-1]
    return db.session.scalars(select(ImportJob).where(ImportJob.token == token)).one()


def test_a_file_is_previewed_checked_and_imported(as_user: AsUser, app: Flask) -> None:
    client = as_user()
    text = "编号,企业名称,备注\nA,示例一,x\nB,,y\nC,<b>示例三</b>,z\n"
    address = upload(client, "companies", text, "名单.csv")
    folder = jobs.imports_folder(app)
    assert len(list(folder.iterdir())) == 1
    page = client.get(address).text
    assert "UTF-8" in page
    assert "&lt;b&gt;示例三" in page
    assert "名单.csv" in page
    checked = run(client, address, "check")
    assert "还没有写入" in checked
    assert "必填" in checked
    assert db.session.scalar(select(func.count()).select_from(Company)) == 0
    done = run(client, address)
    assert "导入结果" in done
    assert set(db.session.scalars(select(Company.name))) == {"示例一", "<b>示例三</b>"}
    job = job_at(address)
    assert job.state is JobState.DONE
    assert job.counts["created"] == 2
    assert [path.name for path in folder.iterdir()] == [f"{job.token}-errors.csv"]
    errors = client.get(f"{address}/errors")
    rows = list(csv.DictReader(StringIO(errors.data.decode("utf-8-sig"))))
    assert [(row["编号"], row["出错行号"], row["出错列"]) for row in rows] == [
        ("B", "3", "企业名称")
    ]
    assert client.post(address, data={"action": "import"}).status_code in {409, 422}
    assert client.post(f"{address}/discard").status_code == 303
    assert list(folder.iterdir()) == []
    assert client.get(address).status_code == 404


def test_columns_are_chosen_by_the_person(as_user: AsUser) -> None:
    client = as_user()
    address = upload(client, "companies", "公司,城市\n示例一,徐州\n")
    refused = client.post(address, data={"action": "import", "column-1": "region"})
    assert refused.status_code == 422
    assert "企业名称" in refused.text
    client.post(address, data={"action": "import", "column-0": "name", "column-1": "region"})
    assert db.session.execute(select(Company.name, Company.region)).one() == ("示例一", "徐州")


def test_an_import_is_seen_by_its_uploader_alone(as_user: AsUser) -> None:
    address = upload(as_user(), "companies", "ref,name\nA,\n")
    other = as_user()
    for response in (
        other.get(address),
        other.post(address, data={"action": "import"}),
        other.get(f"{address}/errors"),
        other.post(f"{address}/discard"),
    ):
        assert response.status_code == 404
    assert job_at(address).state is JobState.UPLOADED


def test_what_cannot_be_saved_by_hand_fails_in_a_file(as_user: AsUser) -> None:
    client = as_user()
    firm = CompanyFactory(ref="A")
    mine = LeadFactory(ref="MINE", company=firm, owner=client.user, title="我的")
    LeadFactory(ref="THEIRS", company=firm, title="别人的")
    LeadFactory(ref="SECRET", company=firm, visibility=Visibility.CONFIDENTIAL, title="机密")
    text = (
        "ref,title,company_ref\nMINE,改了,A\nTHEIRS,改了,A\nSECRET,改了,A\nNEW,新的,A\n"
        "PAST,旧的,A\n"
    )
    address = upload(client, "leads", text)
    page = run(client, address, update_known="y")
    assert page.count("您不能修改这条线索") == 2
    db.session.expire_all()
    assert mine.title == "改了"
    titles = {lead.ref: lead.title for lead in db.session.scalars(select(Lead))}
    assert titles == {
        "MINE": "改了", "THEIRS": "别人的", "SECRET": "机密", "NEW": "新的", "PAST": "旧的",
    }  # fmt: skip
    new = db.session.scalars(select(Lead).where(Lead.ref == "NEW")).one()
    assert (new.owner_id, new.registrar_id) == (None, None)


def test_a_lead_out_of_sight_is_as_one_that_does_not_exist(as_user: AsUser) -> None:
    client = as_user()
    firm = CompanyFactory(ref="A")
    LeadFactory(ref="SECRET", company=firm, visibility=Visibility.CONFIDENTIAL)
    text = "kind,occurred_on,text,lead_ref\ncall,2026-01-01,问,SECRET\ncall,2026-01-01,问,NONE\n"
    page = run(client, upload(client, "interactions", text))
    assert "没有编号为“SECRET”的线索" in page
    assert "没有编号为“NONE”的线索" in page
    assert db.session.scalar(select(func.count()).select_from(Interaction)) == 0


def test_a_person_writes_in_their_own_name_or_in_none(as_user: AsUser) -> None:
    client = as_user(username="mine")
    UserFactory(username="theirs")
    CompanyFactory(ref="A")
    text = (
        "kind,occurred_on,text,company_refs,author\ncall,2026-01-01,一,A,mine\n"
        "call,2026-01-01,二,A,theirs\ncall,2026-01-01,三,A,\n"
    )
    page = run(client, upload(client, "interactions", text))
    assert "只能以自己的名义" in page
    notes = {note.text: note.author_id for note in db.session.scalars(select(Interaction))}
    assert notes == {"一": client.user.id, "三": None}


def test_history_is_for_the_manager(as_user: AsUser) -> None:
    CompanyFactory(ref="A")
    officer = as_user(username="mine")
    text = "ref,title,company_ref,owner,stage,received_on\nL1,旧的,A,mine,signed,2025-01-01\n"
    address = upload(officer, "leads", text)
    refused = officer.post(
        address,
        data={"action": "import", "historical": "y", "column-0": "ref", "column-1": "title",
              "column-2": "company_ref"},
    )  # fmt: skip
    assert refused.status_code == 403
    assert 'name="historical"' not in officer.get(address).text
    assert "还差" in run(officer, address)
    manager = as_user(role=Role.MANAGER, team=None)
    run(manager, upload(manager, "leads", text), historical="y")
    assert db.session.scalars(select(Lead.stage)).one() is Stage.SIGNED
    run(
        manager, upload(manager, "stage_log", "ref,stage,entered_on\nL1,contacted,2025-02-01\n"),
        historical="y",
    )  # fmt: skip
    db.session.expire_all()
    assert db.session.scalars(select(Lead.stage)).one() is Stage.CONTACTED


@pytest.mark.parametrize(
    ("role", "kinds"),
    [
        (Role.OFFICER, {"companies", "contacts", "leads", "interactions"}),
        (Role.TEAM_LEAD, {"companies", "contacts", "leads", "interactions"}),
        (Role.MANAGER, {"companies", "contacts", "leads", "interactions", "stage_log"}),
        (Role.ADMIN, {"users"}),
        (Role.REVIEWER, set()),
        (Role.AUDITOR, set()),
    ],
)
def test_who_may_import_what(as_user: AsUser, role: Role, kinds: set[str]) -> None:
    client = as_user(role=role)
    page = client.get("/exchange/import")
    assert page.status_code == (200 if kinds else 404)
    for kind in ("users", "companies", "contacts", "leads", "stage_log", "interactions"):
        assert (f'value="{kind}"' in page.text) == (kind in kinds)
        wanted = 200 if kind in kinds else 404
        assert client.get(f"/exchange/template/{kind}.xlsx").status_code == wanted
    sent = client.post(
        "/exchange/import",
        data={"kind": "users" if role is not Role.ADMIN else "leads",
              "file": (BytesIO(b"username,name,role\nx,y,admin\n"), "u.csv")},
        content_type="multipart/form-data",
    )  # fmt: skip
    assert sent.status_code in {404, 422}
    assert db.session.scalar(select(func.count()).where(User.username == "x")) == 0


def test_an_administrator_brings_users_in(as_user: AsUser) -> None:
    client = as_user(role=Role.ADMIN, team=None)
    run(client, upload(client, "users", "用户名,姓名,角色,科室\nneu,示例新,招商专员,新设科\n"))
    user = db.session.scalars(select(User).where(User.username == "neu")).one()
    assert user.team is not None
    assert (user.team.name, user.password_hash) == ("新设科", None)


def test_an_officer_makes_no_team(as_user: AsUser) -> None:
    client = as_user()
    CompanyFactory(ref="A")
    address = upload(client, "leads", "title,company_ref,team\n示例,A,没有的科\n")
    assert "没有“没有的科”这个科室" in run(client, address)


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (b"ref\n\xff\xff", "a.csv", "GB18030"),
        (b"nothing", "a.xlsx", "不是有效的 Excel"),
        (b"", "a.csv", "空的"),
        (b"ref,name\n", "a.pdf", "只接受"),
    ],
)
def test_a_file_that_is_none_is_refused_on_the_page(
    as_user: AsUser, app: Flask, content: bytes, name: str, message: str
) -> None:
    response = as_user().post(
        "/exchange/import",
        data={"kind": "companies", "file": (BytesIO(content), name)},
        content_type="multipart/form-data",
    )
    assert response.status_code == 422
    assert message in response.text
    assert list(jobs.imports_folder(app).iterdir()) == []


def test_a_large_file_runs_behind_the_page(
    as_user: AsUser, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "AT_ONCE", 0)
    started: list[int] = []
    monkeypatch.setattr(jobs, "Thread", lambda **kwargs: _Later(started, **kwargs))
    client = as_user()
    address = upload(client, "companies", "ref,name\nA,示例\n")
    client.post(address, data={"action": "import", "column-0": "ref", "column-1": "name"})
    page = client.get(address).text
    assert "正在导入" in page
    assert 'hx-trigger="every 1s"' in page
    fragment = client.get(address, headers={"HX-Request": "true"})
    assert "已处理 0 / 1 行" in fragment.text
    again = client.post(address, data={"action": "import", "column-1": "name"})
    assert again.status_code == 409
    assert client.post(f"{address}/discard").status_code == 303
    assert job_at(address).state is JobState.RUNNING
    _Later.run_all()
    done = client.get(address, headers={"HX-Request": "true"})
    assert done.headers["HX-Refresh"] == "true"
    assert "导入结果" in client.get(address).text
    assert db.session.scalars(select(Company.name)).all() == ["示例"]


class _Later:
    """A thread that runs when the test says so."""

    waiting: list["_Later"] = []  # noqa: RUF012 - the test's own

    def __init__(self, started: list[int], *, target: Any, args: tuple[Any, ...], **_: Any) -> None:
        self.target, self.args = target, args

    def start(self) -> None:
        self.waiting.append(self)

    @classmethod
    def run_all(cls) -> None:
        for thread in cls.waiting:
            thread.target(*thread.args)
        cls.waiting.clear()


def test_templates_are_headers_that_import_knows(as_user: AsUser) -> None:
    client = as_user(role=Role.MANAGER, team=None)
    text = client.get("/exchange/template/leads.csv").data.decode("utf-8-sig")
    address = upload(client, "leads", text + "\n")
    assert len(job_at(address).mapping) == len(text.split(","))


def test_export_needs_its_own_right(as_user: AsUser) -> None:
    for role, can_export, wanted in (
        (Role.OFFICER, False, 404),
        (Role.OFFICER, True, 200),
        (Role.MANAGER, False, 404),
        (Role.REVIEWER, True, 200),
        (Role.ADMIN, True, 404),
        (Role.AUDITOR, True, 404),
    ):
        client = as_user(role=role, can_export=can_export)
        assert client.get("/exchange/export").status_code == wanted
        sent = client.post("/exchange/export", data={"kind": "companies", "ending": ".csv"})
        assert sent.status_code == wanted


def exported(client: Client, **fields: str) -> list[dict[str, str]]:
    response = client.post("/exchange/export", data={"ending": ".csv", **fields})
    assert response.status_code == 200, response.text
    assert "attachment" in response.headers["Content-Disposition"]
    return list(csv.DictReader(StringIO(response.data.decode("utf-8-sig"))))


def test_an_export_holds_what_the_person_may_see(as_user: AsUser) -> None:
    client = as_user(can_export=True)
    firm = CompanyFactory(ref="A", name="=示例")
    for ref, visibility, owner in (
        ("ZONE", Visibility.ZONE, None),
        ("TEAM", Visibility.TEAM, None),
        ("SECRET", Visibility.CONFIDENTIAL, None),
        ("MINE", Visibility.CONFIDENTIAL, client.user),
    ):
        lead = LeadFactory(
            ref=ref, company=firm, visibility=visibility, owner=owner or UserFactory(), title=ref
        )
        InteractionFactory(ref=f"I-{ref}", lead=lead)
    assert {row["ref"] for row in exported(client, kind="leads")} == {"ZONE", "MINE"}
    assert {row["ref"] for row in exported(client, kind="stage_log")} == {"ZONE", "MINE"}
    notes = {row["ref"] for row in exported(client, kind="interactions")}
    assert notes == {"I-ZONE", "I-MINE"}
    named = exported(client, kind="companies", chinese="y")
    assert named[0]["企业名称"] == "'=示例"


def test_an_export_is_filtered_capped_and_logged(as_user: AsUser) -> None:
    client = as_user(can_export=True)
    firm = CompanyFactory(name="示例甲")
    for number in range(3):
        LeadFactory(company=firm, title=f"甲项目{number}", stage=Stage.CONTACTED)
    LeadFactory(title="乙项目")
    db.session.add(Setting(key="export_rows", value=2))
    db.session.commit()
    assert len(exported(client, kind="leads", q="甲", stage="contacted")) == 2
    assert exported(client, kind="leads", since="2100-01-01") == []
    deeds = db.session.scalars(
        select(Activity).where(Activity.verb == "data.export").order_by(Activity.id)
    ).all()
    assert deeds[0].actor_id == client.user.id
    assert deeds[0].changes == {
        "filter": [None, {"q": "甲", "stage": "contacted"}], "rows": [None, 2],
    }  # fmt: skip


def test_bad_filters_come_back(as_user: AsUser) -> None:
    client = as_user(can_export=True)
    for fields in ({"kind": "users"}, {"kind": "leads", "since": "2026-02-30"}):
        response = client.post("/exchange/export", data={"ending": ".csv", **fields})
        assert response.status_code == 422


def test_old_files_are_swept_away(as_user: AsUser, app: Flask) -> None:
    client = as_user()
    address = upload(client, "companies", "ref,name\nA,示例\n")
    job_at(address).created_at = job_at(address).created_at.replace(year=2020)
    db.session.commit()
    assert "a.csv" not in client.get("/exchange/import").text
    folder: Path = jobs.imports_folder(app)
    assert list(folder.iterdir()) == []
