"""The sentence that says what comes next. Pure."""

import re

from crm.interactions.parse.suggestion import Suggestion

_SENTENCE = re.compile(r"[^。！!；;\n]+")
# From the surest marker to the weakest; group 1 is the step itself.
_MARKERS = tuple(
    re.compile(pattern)
    for pattern in (
        r"下一步(?:工作|计划|安排)?(?:[:：是为，,]|\s)*(.{2,})",
        r"((?:约好|约定|商定|说好|定于).{2,})",
        r"((?:请|需要?|麻烦)[^，,]{0,10}(?:发送|发来|发给|寄送|提供|准备|安排|反馈|报送|对接).{0,})",
        r"((?:待|等)[^，,]{2,}(?:后|批复|回复|确认|决定|结果|通知).{0,})",
    )
)
_MOST = 2
_LONGEST = 120


def step_suggestions(text: str) -> list[Suggestion]:
    """At most two sentences that look like a next step, the surest first."""
    sentences = [match.group().strip() for match in _SENTENCE.finditer(text)]
    found: list[str] = []
    for marker in _MARKERS:
        for sentence in sentences:
            match = marker.search(sentence[:400])
            step = match.group(1).strip(" \t　，,、：:")[:_LONGEST].strip() if match else ""
            if len(step) > 1 and not any(step in other or other in step for other in found):
                found.append(step)
    return [Suggestion.of("next_step", step, step) for step in found[:_MOST]]
