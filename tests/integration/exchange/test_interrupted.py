"""An import whose process went away is said to be interrupted, and runs again by one press."""

import re
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select

from crm.companies.models import Company
from crm.exchange import services
from crm.exchange.models import JobState
from crm.extensions import db
from tests.factories import CompanyFactory
from tests.integration.exchange.test_pages import job_at, upload
from tests.support.clients import Client

AsUser = Callable[..., Client]


def test_an_import_whose_process_died_is_said_to_be_interrupted_and_runs_again(
    as_user: AsUser,
) -> None:
    client = as_user()
    address = upload(client, "companies", "ref,name\nA,示例甲\nB,示例乙\n")
    CompanyFactory(ref="A", name="示例甲")
    job = job_at(address)
    job.state, job.dry_run, job.update_known = JobState.RUNNING, False, True
    job.counts = {"created": 1, "updated": 0, "unchanged": 0, "failed": 0}
    db.session.commit()
    assert "正在导入" in client.get(address).text
    assert job_at(address).state is JobState.RUNNING
    job.touched_at -= services.STALE + timedelta(seconds=1)
    db.session.commit()
    assert "没有完成" in client.get("/exchange/import").text
    page = client.get(address).text
    assert "中途中断" in page
    form = re.search(r'<form class="inline-form".*?</form>', page, re.DOTALL)
    assert form is not None
    assert "重新导入" in form[0]
    fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', form[0]))
    fields.pop("csrf_token", None)
    assert fields == {
        "column-0": "ref",
        "column-1": "name",
        "action": "import",
        "update_known": "y",
    }
    assert client.post(address, data=fields).status_code == 303
    db.session.expire_all()
    assert job_at(address).state is JobState.DONE
    assert sorted(db.session.scalars(select(Company.name))) == ["示例乙", "示例甲"]
    assert "中途中断" not in client.get(address).text
