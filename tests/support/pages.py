"""What every page in a browser is watched for, and checks of its accessibility."""

from dataclasses import dataclass, field
from functools import cache
from typing import Any

from playwright.sync_api import ConsoleMessage, Page, Response

from tooling.layout import NODE_MODULES

# Chromium writes this for every answer that is not a success; the answers are watched themselves.
_FAILED_RESOURCE = "Failed to load resource"


@dataclass
class Problems:
    """Errors in the console and answers that went wrong, while a page was open."""

    found: list[str] = field(default_factory=list)
    _expected: set[int] = field(default_factory=set)
    _expected_texts: set[str] = field(default_factory=set)

    def expect_status(self, *codes: int) -> None:
        """Answers with these codes are part of the test."""
        self._expected |= set(codes)

    def expect_console(self, *texts: str) -> None:
        """Errors in the console that hold one of these texts are part of the test."""
        self._expected_texts |= set(texts)

    def watch(self, page: Page) -> None:
        """Collect from now on."""
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.found.append(f"script error: {error}"))
        page.on("response", self._on_response)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type != "error" or message.text.startswith(_FAILED_RESOURCE):
            return
        if not any(text in message.text for text in self._expected_texts):
            self.found.append(f"console: {message.text}")

    def _on_response(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self._expected:
            self.found.append(f"{response.status} {response.request.method} {response.url}")


@cache
def _axe_source() -> str:
    return (NODE_MODULES / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


def axe(page: Page, *, scope: str | None = None) -> None:
    """Fail with every violation of WCAG 2.2 AA on the page, or in the part a selector names."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(_axe_source())
    result: dict[str, Any] = page.evaluate(
        """scope => axe.run(scope || document, {
            runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
            resultTypes: ["violations"],
        })""",
        scope,
    )
    lines = [
        f"{violation['id']} ({violation['impact']}): {violation['help']}\n    "
        + "\n    ".join(
            f"{' '.join(map(str, node['target']))}: {node['html'][:160]}"
            for node in violation["nodes"][:5]
        )
        for violation in result["violations"]
    ]
    assert not lines, f"{page.url}\n" + "\n".join(lines)
