"""Firms that are known, and people by their title or by what they said. Pure and modest."""

import re
from collections.abc import Iterable, Sequence

from crm.interactions.parse.suggestion import Suggestion

_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶程苏魏吕丁任"
    "沈姚卢姜崔钟谭陆汪范石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔"
    "向汤常温康施葛安倪季俞章鲁牛樊殷骆焦耿翟柳柴欧祝阮纪庄申尚詹舒童管裴翁"
)
_TITLE = r"(?:总经理|副总经理|董事长|总监|总裁|副总|经理|主任|部长|处长|科长|局长|院长|教授|博士|董秘|总|董)"
_TITLED = re.compile(
    rf"(?:(?<=^)|(?<=[^\u4e00-\u9fff])|(?<=[和与跟对向由请给见是的了到找]))"
    rf"([{_SURNAMES}][\u4e00-\u9fff]{{0,2}}?{_TITLE})(?![投额部面共体量计装产成价室会事监裁经包])",
    re.MULTILINE,
)
_SAYING = re.compile(
    rf"(?:(?<=^)|(?<=[^\u4e00-\u9fff]))([{_SURNAMES}][\u4e00-\u9fff]{{1,2}}?)(?=(?:说|表示|介绍|反馈|告知|提出))",
    re.MULTILINE,
)
_MOST_PEOPLE = 3
_SHORTEST = 2


def firm_suggestions(text: str, firms: Sequence[tuple[str, int]]) -> list[Suggestion]:
    """The firms whose names stand in the text, in its order; a longer name hides those inside."""
    folded = text.lower()
    if len(folded) != len(text):
        # A few letters change their number in lower case: then only the written case is looked for.
        folded = text
    taken: list[tuple[int, int, int]] = []
    for name, firm_id in sorted(firms, key=lambda firm: -len(firm[0])):
        wanted = name.lower() if folded is not text else name
        if len(wanted.strip()) < _SHORTEST:
            continue
        place = folded.find(wanted)
        while place >= 0:
            end = place + len(wanted)
            if not any(start < end and place < stop for start, stop, _ in taken):
                taken.append((place, end, firm_id))
            place = folded.find(wanted, end)
    found: dict[int, Suggestion] = {}
    for start, end, firm_id in sorted(taken):
        words = text[start:end]
        found.setdefault(firm_id, Suggestion.of("company", str(firm_id), words, shown=words))
    return list(found.values())


def people_suggestions(text: str, speakers: Iterable[str] = ()) -> list[Suggestion]:
    """People with a title (张总), people quoted (李明说), speakers of a chat."""
    titled = [match.group(1) for match in _TITLED.finditer(text)]
    quoted = [match.group(1) for match in _SAYING.finditer(text)]
    named = [speaker for speaker in speakers if speaker and speaker[0] in _SURNAMES]
    names = list(dict.fromkeys([*titled, *quoted, *(n for n in named if 2 <= len(n) <= 8)]))
    kept = [n for n in names if not any(n != other and n in other for other in names)]
    return [Suggestion.of("contact_name", name, name) for name in kept[:_MOST_PEOPLE]]
