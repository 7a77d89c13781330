"""Every deed that a service logs has a word in the audit log."""

import re
from pathlib import Path

from crm.accounts.audit_words import VERBS
from crm.leads.kinds import AssignmentKind

CRM = Path(__file__).parents[3] / "crm"
DEED = re.compile(
    r'"((?:account|user|team|rule|list|workday|company|contact|lead|interaction|attachment|data'
    r'|backup|synonym|index)\.[a-z_]+)"'
)


def test_every_logged_deed_has_a_word() -> None:
    places = [
        *CRM.glob("*/services/**/*.py"),
        *CRM.glob("exchange/**/*.py"),
        *CRM.glob("backup/*.py"),
    ]
    found = {deed for path in places for deed in DEED.findall(path.read_text("utf-8"))}
    found |= {f"lead.{kind.value}" for kind in AssignmentKind}
    assert {"lead.advance", "data.export", "backup.restore", "user.disable"} <= found
    assert found - set(VERBS) == set()


def test_every_word_has_its_deed() -> None:
    """A word of a deed that nothing logs any more would offer an empty filter."""
    code = "".join(
        path.read_text("utf-8") for path in CRM.rglob("*.py") if path.name != "audit_words.py"
    )
    made = {f"lead.{kind.value}" for kind in AssignmentKind} | {"list.show", "list.hide"}
    assert [verb for verb in VERBS if f'"{verb}"' not in code and verb not in made] == []
