"""Every page that a test fetches must be well-formed HTML."""

import html5lib
from html5lib.html5parser import ParseError


def check_html(markup: str, *, fragment: bool = False) -> None:
    """Fail with the place and the surroundings of the first error in a page or a part of one."""
    parser = html5lib.HTMLParser(strict=True)
    try:
        if fragment:
            parser.parseFragment(markup, container="div")
        else:
            parser.parse(markup)
    except ParseError as error:
        line, column = parser.errors[-1][0] if parser.errors else parser.tokenizer.stream.position()
        lines = markup.splitlines()
        around = "\n".join(lines[max(0, line - 3) : line + 1])
        raise AssertionError(f"malformed HTML at {line}:{column}: {error}\n{around}") from None
