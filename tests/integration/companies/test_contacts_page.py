"""Contacts: phones masked, shown on demand, logged."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.companies.models import Contact
from crm.core.activity import Activity
from tests.factories import (
    CompanyFactory,
)
from tests.integration.companies.pages import AsUser


def test_contacts(as_user: AsUser, db_session: Session) -> None:
    client = as_user()
    firm = CompanyFactory()
    db_session.commit()
    path = f"/companies/{firm.id}/contacts"
    data = {"name": "示例王总", "phone": "138 1234 2075", "decision_role": "decides",
            "submission_key": "c" * 20}  # fmt: skip
    assert client.post(f"{path}/new", data=data).status_code == 303
    assert client.post(f"{path}/new", data=data).status_code == 303
    contact = db_session.scalars(select(Contact)).one()
    page = client.get(f"/companies/{firm.id}").text
    assert "138 **** 2075" in page
    assert "1234" not in page.split('id="contacts"')[1].split('id="group-h"')[0]
    for bad, words in (
        ({"name": ""}, "请填写姓名"), ({"phone": "1381234"}, "手机号应为 11 位"),
        ({"email": "nowhere"}, "邮箱地址不对"), ({"name": "x" * 90}, "最多 80 个字"),
    ):  # fmt: skip
        answer = client.post(
            f"{path}/new", data={**data, "submission_key": "other", "title": "示例职务", **bad}
        )
        assert answer.status_code == 422
        assert words in answer.text
        assert "示例职务" in answer.text
    shown = client.post(f"{path}/{contact.id}/phone", headers={"HX-Request": "true"})
    assert "138 1234 2075" in shown.text
    plain = client.post(f"{path}/{contact.id}/phone", follow_redirects=True)
    assert "138 1234 2075" in plain.text
    deeds = db_session.scalars(select(Activity).where(Activity.verb == "contact.reveal")).all()
    assert [(deed.actor_id, deed.subject_id) for deed in deeds] == [
        (client.user.id, contact.id)
    ] * 2
    stale = client.post(
        f"{path}/{contact.id}/edit",
        data={"name": "示例改名", "version": "99", "phone": "+49 201 844"},
    )
    assert stale.status_code == 412
    assert "示例王总" in stale.text
    edited = client.post(
        f"{path}/{contact.id}/edit",
        data={"name": "示例改名", "version": str(contact.version), "phone": "+49 201 844-0"},
    )
    assert edited.status_code == 303
    client.post(f"{path}/{contact.id}/archive")
    assert "已归档 1 人" in client.get(f"/companies/{firm.id}").text
    client.post(f"{path}/{contact.id}/archive", data={"back": "1"})
    assert "已归档" not in client.get(f"/companies/{firm.id}").text
    stranger = CompanyFactory()
    db_session.commit()
    wrong = f"/companies/{stranger.id}/contacts/{contact.id}"
    assert client.get(f"{wrong}/edit").status_code == 404
    assert client.post(f"{wrong}/phone").status_code == 404
