"""What the tests of the pages of companies share."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from tests.support.clients import Client
from tests.support.statements import Statements

AsUser = Callable[..., Client]
Counter = Callable[[], AbstractContextManager[Statements]]


def listed(client: Client, **args: Any) -> list[str]:
    """The names of the companies that the list shows, in order."""
    page = client.get("/companies/", query_string=args)
    assert page.status_code == 200, page.text
    return re.findall(r"data-row-link>([^<]+)</a>", page.text)


def form_of(**values: Any) -> dict[str, Any]:
    return {"name": "示例新厂有限公司", "submission_key": "k" * 20, **values}
