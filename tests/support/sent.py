"""What a browser sends of a page's form."""

from html.parser import HTMLParser

Fields = dict[str, list[str]]


class _Forms(HTMLParser):
    """Every form with its address and what stands in its fields."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, Fields]] = []
        self._open: Fields | None = None
        self._select = self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = {}
            self.forms.append((given.get("action") or given.get("hx-post", ""), self._open))
        name = given.get("name", "")
        if self._open is None or "disabled" in given:
            return
        if tag == "input" and given.get("type") not in ("submit", "image", "file"):
            is_box = given.get("type") in ("checkbox", "radio")
            if not is_box or "checked" in given:
                self._open.setdefault(name, []).append(given.get("value", "on" if is_box else ""))
        elif tag == "select":
            self._select = name
        elif tag == "textarea":
            self._area = name
            self._open[name] = [""]
        elif tag == "option" and self._select and ("selected" in given or self._select not in self._open):
            self._open[self._select] = [given.get("value", "")]

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area and self._open is not None:
            self._open[self._area][0] += data.removeprefix("\n")


def form_on(page: str, address: str) -> Fields:
    """The form of a page that is sent to `address`, as it stands there; of several the longest."""
    parser = _Forms()
    parser.feed(page)
    path = address.partition("?")[0]
    found = [fields for action, fields in parser.forms if action.partition("?")[0] in ("", path)]
    fields = max(found, key=len, default={})
    return {name: values for name, values in fields.items() if name and name != "csrfmiddlewaretoken"}
