"""How the two sides met, from the words of a note. Pure."""

import re

from crm.interactions.kinds import InteractionKind
from crm.interactions.parse.suggestion import Suggestion

_WORDS: tuple[tuple[InteractionKind, re.Pattern[str]], ...] = (
    (InteractionKind.RECEPTION, re.compile(r"来访|来区|接待|到访|来考察")),
    (
        InteractionKind.VISIT,
        re.compile(r"拜访|走访|登门|上门|赴[^，。\n]{1,12}(?:考察|拜会)|看了老厂"),
    ),
    (InteractionKind.MEETING, re.compile(r"座谈|会见|视频会|开会|会议")),
    (InteractionKind.CALL, re.compile(r"致电|来电|通话|打电话|电话沟通")),
    (InteractionKind.EMAIL, re.compile(r"邮件|发邮箱")),
    (InteractionKind.WECHAT, re.compile(r"微信")),
)


def kind_suggestions(text: str, *, is_chat: bool) -> list[Suggestion]:
    """At most one kind; a pasted chat is 微信."""
    if is_chat:
        first = text.strip().splitlines()[0] if text.strip() else ""
        return [_suggest(InteractionKind.WECHAT, first[:40].strip())] if first else []
    for kind, pattern in _WORDS:
        match = pattern.search(text)
        if match:
            return [_suggest(kind, match.group())]
    return []


def _suggest(kind: InteractionKind, source: str) -> Suggestion:
    return Suggestion.of("kind", kind.value, source, shown=kind.label)
