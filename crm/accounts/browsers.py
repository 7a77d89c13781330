"""What a browser calls itself, in words a person recognises. Pure."""

_NAMES = (
    ("MicroMessenger", "微信"),
    ("DingTalk", "钉钉"),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("QQBrowser", "QQ 浏览器"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
)


def browser_name(user_agent: str) -> str:
    """Browser and system, such as `Chrome · Windows`; the beginning of the text for others."""
    found = [
        next((name for mark, name in table if mark in user_agent), None)
        for table in (_NAMES, _SYSTEMS)
    ]
    return " · ".join(name for name in found if name) or user_agent[:40] or "—"
