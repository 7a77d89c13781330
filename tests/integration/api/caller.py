"""A program that calls the API with someone's token, and no cookie."""

import json
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from crm.accounts.models import User
from crm.accounts.tokens import new_token
from crm.extensions import db
from tests.support.clients import Client

Json = dict[str, Any]


class Caller:
    """Calls `/api/v1…` as one person."""

    def __init__(self, app: Flask, user: User | None) -> None:
        client = app.test_client(use_cookies=False)
        assert isinstance(client, Client)
        self._client = client
        self.user = user
        self.headers: dict[str, str] = {}
        if user is not None:
            db.session.flush()
            token = new_token(user, "test")[1]
            db.session.commit()
            self.headers["Authorization"] = f"Bearer {token}"

    def call(
        self, method: str, path: str, body: Any = None, headers: Json | None = None, **options: Any
    ) -> TestResponse:
        """One request; `body` is sent as JSON."""
        if body is not None:
            options |= {"data": json.dumps(body), "content_type": "application/json"}
        sent = {**self.headers, **(headers or {})}
        response = self._client.open(f"/api/v1{path}", method=method, headers=sent, **options)
        assert "Set-Cookie" not in response.headers
        if response.status_code >= 400:
            check_problem(response)
        return response

    def get(self, path: str, **options: Any) -> TestResponse:
        """Read."""
        return self.call("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> TestResponse:
        """Add."""
        return self.call("POST", path, body, **options)

    def patch(self, path: str, body: Any, etag: str | None = "*", **options: Any) -> TestResponse:
        """Change what was read with this ETag."""
        headers = {"If-Match": etag} if etag is not None else {}
        return self.call("PATCH", path, body, headers=headers, **options)

    def made(self, path: str, body: Json) -> Json:
        """What was added, which must succeed."""
        response = self.post(path, body)
        assert response.status_code == 201, response.text
        made: Json = response.json
        return made


def check_problem(response: TestResponse) -> None:
    """A refusal is a problem document in Chinese that names fields by name."""
    assert response.content_type == "application/problem+json"
    body = json.loads(response.data)
    assert body["status"] == response.status_code
    assert body["type"].startswith("urn:crm:problem:")
    assert any("\u4e00" <= char <= "\u9fff" for char in body["title"])
    assert any("\u4e00" <= char <= "\u9fff" for char in body["detail"])
    for error in body.get("errors", []):
        assert set(error) == {"field", "message"}
        assert error["message"]


def faults(response: TestResponse) -> set[str]:
    """The fields that a 422 names."""
    assert response.status_code == 422, (response.status_code, response.text)
    return {error["field"] for error in json.loads(response.data).get("errors", [])}
