"""Chats as they are pasted: a line with speaker and time, then what was said. Pure."""

import re
from datetime import date
from typing import NamedTuple

from crm.interactions.parse.days import read_day

_DAY = r"(?P<day>\S{2,11}?)"
_TIME = r"(?P<time>(?:上午|下午|晚上|中午|凌晨)?\s?[0-9０-９]{1,2}[:：][0-9０-９]{2}(?:[:：][0-9０-９]{2})?)"
# 张三 9/12 14:03, 张三 2026-09-12 14:03:22, 张三 昨天 14:03, 张三 14:03, 张三: 9/12 14:03
_HEAD = re.compile(
    rf"^[ \t]*(?P<speaker>[^\s:：][^\n:：]{{0,23}}?)[:：]?[ \t]+(?:{_DAY}[ \t]+)?{_TIME}[ \t]*$"
)


class Message(NamedTuple):
    """Something said in a chat; `head` is the line that names speaker and time."""

    speaker: str
    day: date | None
    text: str
    head: str = ""


def read_chat(text: str, *, on: date) -> list[Message]:
    """The messages of a pasted chat; empty for a text that is none. `on` completes short days."""
    messages: list[Message] = []
    day: date | None = None
    for line in text.splitlines():
        head = _HEAD.match(line) if len(line) <= 60 else None
        if head is not None:
            written = head["day"]
            named = read_day(written, on) if written else None
            if written and named is None:
                head = None
            else:
                day = named or day
                messages.append(Message(head["speaker"].strip(), day, "", line.strip()))
        if head is None and messages:
            last = messages[-1]
            messages[-1] = last._replace(text=f"{last.text}\n{line}" if last.text else line)
    return [message for message in messages if message.text.strip()]
