"""Read a page as a person and a screen reader do: its words, forms, fields with their labels, links and landmarks."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "use", "rect"})
UNSAID = frozenset({"script", "style", "template"})
UNLABELLED = frozenset({"hidden", "submit", "button", "reset"})


@dataclass(slots=True, eq=False)
class Node:
    """One element with its attributes, what it holds, and the text right inside it."""

    tag: str
    attributes: dict[str, str]
    above: "Node | None" = None
    children: list["Node | str"] = field(default_factory=list)

    def get(self, name: str) -> str:
        """Return an attribute, empty when it is not there."""
        return self.attributes.get(name, "")

    def all(self, *tags: str) -> Iterator["Node"]:
        """Return every element below with one of these tags, in order; all of them without tags."""
        for child in self.children:
            if isinstance(child, Node):
                if not tags or child.tag in tags:
                    yield child
                yield from child.all(*tags)

    @property
    def words(self) -> str:
        """Return what is read aloud, with single spaces."""
        parts = [
            child if isinstance(child, str) else child.words
            for child in self.children
            if isinstance(child, str) or child.tag not in UNSAID
        ]
        return " ".join(" ".join(parts).split())

    def within(self, tag: str) -> bool:
        """Say whether an element of this tag is around it."""
        above = self.above
        while above is not None and above.tag != tag:
            above = above.above
        return above is not None

    @property
    def fields(self) -> dict[str, list[str]]:
        """Return the names of a form's fields with the values they would send."""
        found: dict[str, list[str]] = {}
        for item in self.all("input", "select", "textarea", "button"):
            if item.get("name"):
                found.setdefault(item.get("name"), []).append(item.get("value"))
        return found


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("", {})
        self._at = self.root

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element."""
        node = Node(tag, {name: value or "" for name, value in attrs}, self._at)
        self._at.children.append(node)
        if tag not in VOID:
            self._at = node

    def handle_endtag(self, tag: str) -> None:
        """Close the nearest open element of this tag."""
        node: Node | None = self._at
        while node is not None and node.tag != tag:
            node = node.above
        if node is not None and node.above is not None:
            self._at = node.above

    def handle_data(self, data: str) -> None:
        """Keep text."""
        self._at.children.append(data)


def read_page(html: str) -> Node:
    """Return the page as a tree."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.root


def by_id(page: Node, name: str) -> Node:
    """Return the element with this id."""
    return next(node for node in page.all() if node.get("id") == name)


def forms(page: Node) -> dict[str, Node]:
    """Return the page's forms that change something, by address; of several with one address the last."""
    return {form.get("action"): form for form in page.all("form") if form.get("method") == "post"}


def acts(page: Node) -> set[str]:
    """Return every address that a button of the page would send a change to."""
    return {
        button.get("formaction") or form.get("action")
        for form in page.all("form")
        if form.get("method") == "post"
        for button in form.all("button")
        if button.get("type") == "submit"
    }


def links(page: Node) -> list[str]:
    """Return where the page's links lead, without fragments of the page itself."""
    return [a.get("href") for a in page.all("a") if not a.get("href").startswith("#")]


def unlabelled(page: Node) -> list[str]:
    """Return the fields that a screen reader could not name."""
    named = {label.get("for") for label in page.all("label")}
    return [
        field.get("name") or field.get("id")
        for field in page.all("input", "select", "textarea")
        if field.get("type") not in UNLABELLED
        and not (field.get("id") in named or field.get("aria-label") or field.within("label"))
    ]


def broken_references(page: Node) -> list[str]:
    """Return ids that labels and descriptions name but the page does not have."""
    ids = {node.get("id") for node in page.all()}
    return [
        name
        for node in page.all()
        for attribute in ("for", "aria-labelledby", "aria-describedby", "list", "popovertarget")
        for name in node.get(attribute).split()
        if name not in ids
    ]


def twice(page: Node) -> set[str]:
    """Return ids that stand on the page more than once."""
    ids = [node.get("id") for node in page.all() if node.get("id")]
    return {name for name in ids if ids.count(name) > 1}
