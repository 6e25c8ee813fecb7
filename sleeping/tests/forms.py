"""Reads a page's form as a browser would."""

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Form(HTMLParser):
    """What the first form of a page would send, and what it leaves to the person."""

    page: str
    method: str = ""
    enctype: str = ""
    action: str | None = None
    fields: list[tuple[str, str]] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)
    """Type and name of each field that the person has to fill in."""

    def __post_init__(self):
        super().__init__()
        self.feed(self.page)

    def handle_starttag(self, tag, attrs):
        said = dict(attrs)
        if tag == "form":
            self.method, self.enctype, self.action = said["method"], said.get("enctype", ""), said.get("action")
        if tag == "input":
            if said["type"] == "hidden":
                self.fields.append((said["name"], said["value"]))
            else:
                assert "value" not in said
                self.asked.append((said["type"], said["name"]))

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)

    def __hash__(self):
        return id(self)
