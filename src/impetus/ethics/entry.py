"""An entry of the register: what a tool declares, what the city says about it, and what of both is material.

An `Entry` joins the tool's manifest with the city's register file and what is configured (days kept, material settings).
`material` names the facts whose change asks for a new signature; the SHA-256 of their canonical JSON is the entry's hash.
`undeclared` says what is still open, and who may supply it.

**Source**: GDPR, article 30(1); Directive (EU) 2016/680, article 24(1); AI Act, annex VIII.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from impetus.core.access import Category
from impetus.core.register import EVERYWHERE, Configured, Controller, Missing, SiteEntry, ToolPart

NONE = "none"
CITY = "the data protection officer or an administrator"
MAKER = "whoever makes the tool"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Everything the register says about one tool. `days` is how long its retention class is kept, None for no class."""

    site: str
    part: ToolPart
    said: SiteEntry
    controller: Controller
    days: int | None = None


def entry_of(configured: Configured, tool: str) -> Entry:
    """Return a tool's entry as it is configured now, with holes where nobody has said anything."""
    part = configured.installed.get(tool) or ToolPart(id=tool, fault="it is not installed")
    said = configured.register.tools.get(tool) or SiteEntry()
    return Entry(
        site=configured.site,
        part=part,
        said=said,
        controller=configured.register.controller,
        days=configured.days.get(said.retention),
    )


def material(entry: Entry) -> dict[str, str]:
    """Return the material facts, fact to value; lists are sorted, because their order means nothing.

    Names, summaries, contacts, limits of memory and the review date are not material.
    """
    said, manifest = entry.said, entry.part.manifest
    facts = {
        "site": entry.site,
        "tool": entry.part.id,
        "purpose": said.purpose or "",
        "regime": said.regime or "",
        "legal basis": said.legal_basis,
        "controller": entry.controller.name,
        "recipients": list_words(said.recipients),
        "retention": f"{said.retention}, {entry.days} d" if entry.days is not None else said.retention,
        "place": list_words(said.covers),
        "kinds of place": list_words(said.place_kinds),
        "term": said.ends.isoformat() if said.ends else "",
    }
    if manifest is None:
        return facts
    declares = manifest.declares
    can = manifest.capabilities
    declared = {
        "does": sorted(set(can.does)),
        "gives": sorted(set(can.gives)),
        "takes from": sorted(set(can.takes_from)),
        "smallest group": can.smallest_group,
    }
    said_of = {name: value for name, value in declared.items() if value}
    chosen = {name: entry.part.settings[name] for name in declares.material_settings if name in entry.part.settings}
    return facts | {
        "inputs": f"{manifest.senses}: {list_words(manifest.properties) or 'all properties'}",
        "fields": list_words(declares.fields),
        "outputs": list_words(manifest.emits),
        "categories": list_words((*declares.categories, *manifest.personal_data)),
        "subjects": list_words(declares.subjects),
        "legal act": declares.acts.get(said.regime or "", ""),
        "declared recipients": list_words(declares.recipients),
        "declared purposes": list_words(manifest.purposes),
        "declared retention": manifest.retention,
        "transfers": list_words(declares.transfers),
        "model": f"{declares.model} (version {manifest.version})",
        "settings": canonical(chosen) if chosen else "",
        "capabilities": canonical(said_of) if said_of else "",
    }


def entry_hash(entry: Entry) -> str:
    """Return the SHA-256, as hexadecimal digits, of the canonical JSON of the material facts."""
    return sha256_of(material(entry))


def undeclared(entry: Entry) -> tuple[Missing, ...]:
    """Return what tool and city have not said yet, and what they say against each other, in the register's order."""
    return (*_of_tool(entry), *_of_city(entry))


def _of_tool(entry: Entry) -> Iterable[Missing]:
    """Yield what the manifest leaves open."""
    manifest = entry.part.manifest
    if manifest is None:
        yield gap("manifest", f"a manifest that can be read: {entry.part.fault}", MAKER, "mend the tool's package")
        return
    declares = manifest.declares
    for name, value in (
        ("fields", declares.fields),
        ("categories", declares.categories),
        ("subjects", declares.subjects),
        ("recipients", declares.recipients),
        ("transfers", declares.transfers),
        ("model", declares.model),
        ("purposes", manifest.purposes),
        ("acts", declares.acts),
    ):
        if not value:
            yield gap(
                f"manifest.{name}", f"the tool's {name}", MAKER, f"set {name} under [ethics] in its manifest.toml"
            )


def _of_city(entry: Entry) -> Iterable[Missing]:
    """Yield what the city has not said, and what it says that the tool does not declare."""
    said, controller = entry.said, entry.controller
    table = f"[tool.{entry.part.id}]"
    for name, value, words in (
        ("controller.name", controller.name, "the controller's name"),
        ("controller.contact", controller.contact, "how to reach the controller"),
        ("controller.dpo", controller.dpo, "the data protection officer's name"),
        ("controller.dpo_contact", controller.dpo_contact, "how to reach the data protection officer"),
    ):
        if not value:
            yield gap(name, words, CITY, "set it under [controller] in register.toml")
    for name, said_so, words in (
        ("regime", said.regime, "the regime: GDPR, or the Law Enforcement Directive"),
        ("legal_basis", said.legal_basis, "the legal basis"),
        ("purpose", said.purpose, "the purpose"),
        ("recipients", said.recipients, "who receives what it gives"),
        ("retention", said.retention, "the retention class"),
        ("place_kinds", said.place_kinds, "the kinds of place it watches"),
        ("covers", said.covers, "the sources it covers"),
        ("ends", said.ends, "the day it ends"),
        ("review", said.review, "the day of its next review"),
    ):
        if not said_so:
            yield gap(name, words, CITY, f"set {name} under {table} in register.toml")
    yield from _contradictions(entry)


def _contradictions(entry: Entry) -> Iterable[Missing]:
    """Yield what city and tool say against each other."""
    said, manifest, table = entry.said, entry.part.manifest, f"[tool.{entry.part.id}]"
    if manifest is None:
        return
    declares = manifest.declares
    if said.purpose and manifest.purposes and said.purpose not in manifest.purposes:
        words = f"a purpose the tool was made for: {list_words(manifest.purposes)}, not {said.purpose}"
        yield gap("purpose", words, CITY, f"mend purpose under {table}; GDPR, article 5(1)(b)")
    if said.regime and declares.acts and said.regime not in declares.acts:
        words = f"a regime the tool can run in: {list_words(declares.acts)}, not {said.regime}"
        yield gap("regime", words, CITY, f"mend regime under {table}")
    beyond = [one for one in said.recipients if declares.recipients and one not in declares.recipients]
    if beyond:
        words = f"recipients the tool declares: {list_words(beyond)} are not among them"
        yield gap("recipients", words, CITY, f"mend recipients under {table}")
    if said.retention and entry.days is None:
        words = f"a retention class this installation has: {said.retention} is none"
        yield gap("retention", words, CITY, f"mend retention under {table}")
    if EVERYWHERE in said.covers and is_personal(entry):
        words = "its sources by name: a tool with personal data is not cleared for every place at once"
        yield gap("covers", words, CITY, f"name the sources in covers under {table}; GDPR, article 25(2)")


def is_personal(entry: Entry) -> bool:
    """Say whether the tool declares any personal data."""
    manifest = entry.part.manifest
    if manifest is None:
        return True
    return bool(set(manifest.personal_data) - {NONE} or set(manifest.declares.categories) - {Category.NONE.value})


def overdue(entry: Entry, at: datetime) -> tuple[Missing, ...]:
    """Return the gap of an entry whose term is over: it runs through the day it ends on, by UTC."""
    ends = entry.said.ends
    if ends is None or at.date() <= ends:
        return ()
    how = f"set a later ends under [tool.{entry.part.id}] in register.toml, review the assessment, and sign again"
    return (gap("ends", f"a new term: it ended on {ends}", CITY, how),)


def gap(name: str, what: str, who: str, how: str) -> Missing:
    """Return one thing that is missing."""
    return Missing(field=name, what=what, who_may_supply=who, how=how)


def list_words(words: Iterable[str]) -> str:
    """Return words sorted, each once, with commas."""
    return ", ".join(sorted(set(words)))


def sha256_of(facts: Mapping[str, str]) -> str:
    """Return the SHA-256 of the canonical JSON, as hexadecimal digits."""
    return hashlib.sha256(canonical(facts).encode()).hexdigest()


def canonical(facts: Mapping[str, object]) -> str:
    """Return JSON with sorted keys, no spaces and characters as they are: one text for one meaning."""
    return json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
