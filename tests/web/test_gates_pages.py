"""Decisions on the screen: equal answers, nothing preselected, exactly what was shown, and who waits for whom."""

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from impetus.core.actor import Role
from impetus.core.alert import Alert
from impetus.desk.decide import NOT_ENOUGH
from impetus.testing.city import SIGN, MemoryCity, MemoryGateways
from impetus.web.pages.gates import proposable
from page_reader import Node, acts, by_id, forms, unlabelled
from seats import act, actor, look, opened, seat
from town import Town

Raise = Callable[..., Alert]
MESSAGE = {"kind": "message", "minutes": 30, "to": ["Sol"], "text": "come to E1", "why": "it is crowded"}
PACKAGE = {"kind": "evidence_package", "minutes": 60, "recipient": "district police", "regime": "led", "why": "asked"}


class House:
    """Kari (operator), Sol and Siv (supervisors) and Eva (executive) at their screens, one incident."""

    def __init__(self, town: Town, raised: Raise) -> None:
        self.kari = seat(town)
        self.sol, self.siv = (seat(town, name, Role.SUPERVISOR) for name in ("Sol", "Siv"))
        self.eva = seat(town, "Eva", Role.EXECUTIVE)
        self.incident = opened(town, raised().id).id

    def propose(self, **fields: object) -> tuple[int, dict[str, object]]:
        """Let Kari propose something."""
        return act(self.kari, f"/incidents/{self.incident}/propose", **fields)

    def answer(self, client: TestClient, answer: str, number: int = 1, **fields: object) -> tuple[int, dict[str, str]]:
        """Answer a proposal as it stands on this person's page."""
        form = forms(look(client, "/gates"))[f"/gates/{number}/lack"]
        sent = {"content": form.fields["content"][0], "shown": form.fields["shown"][0], **fields}
        return act(client, f"/gates/{number}/{answer}", **sent)


@pytest.fixture
def house(town: Town, raised: Raise) -> House:
    """Return the house."""
    return House(town, raised)


def connect(town: Town, *, devices: bool) -> None:
    """Declare a sign, or a gateway for warnings, in the town's home."""
    city, gateways = MemoryCity(), MemoryGateways(name="" if devices else "room@city.example")
    if devices:
        city.add(SIGN)
    object.__setattr__(town.desk, "outside", replace(town.desk.outside, city=city, gateways=gateways))


def answers(page: Node) -> list[Node]:
    """Return the buttons of the answers to the first proposal."""
    group = next(node for node in page.all("div") if node.get("class") == "answers")
    return list(group.all("button"))


def test_three_answers_stand_equal_and_none_is_preselected(house: House) -> None:
    """Agree, decline, not enough information: the same class, none primary, none pressed, none focused."""
    assert house.propose(**PACKAGE)[0] == 200
    buttons = answers(look(house.sol, "/gates"))
    assert [button.words for button in buttons] == ["Agree", "Decline", "Not enough information"]
    assert {button.get("class") for button in buttons} == {"button"}
    for button in buttons:
        assert not {"autofocus", "aria-pressed", "checked"} & set(button.attributes)


def test_two_people_agree_and_the_package_can_be_fetched(house: House) -> None:
    """The first yes says one more is needed; the second performs it; the zip comes as a download to hand over."""
    house.propose(**PACKAGE)
    status, said = house.answer(house.sol, "approve")
    assert (status, said["said"]) == (200, "You agreed; 1 more must agree")
    status, said = house.answer(house.eva, "approve")
    assert status == 200
    assert said["said"].startswith("Done:")
    answer = house.kari.post("/gates/1/package")
    assert answer.headers["content-type"] == "application/zip"
    assert "incident.json" in zipfile.ZipFile(io.BytesIO(answer.content)).namelist()


def test_the_second_yes_of_one_person_is_refused(house: House) -> None:
    """The page no longer offers it; sent by hand it is refused with the reason."""
    house.propose(**PACKAGE)
    house.answer(house.sol, "approve")
    assert "/gates/1/approve" not in acts(look(house.sol, "/gates"))
    status, said = house.answer(house.sol, "approve")
    assert (status, said["detail"]) == (409, "Sol has agreed already")


def test_not_enough_information_stands_on_the_page_and_can_be_answered(house: House) -> None:
    """What is missing, by whom; the proposer adds it, and everybody is asked again."""
    house.propose(**PACKAGE)
    house.answer(house.sol, "approve")
    status, said = house.answer(house.eva, "lack", why="which exit?")
    assert (status, said["said"]) == (200, "Asked; 2 must agree")
    words = look(house.sol, "/gates").words
    assert "Eva: not enough information" in words
    assert "which exit?" in words
    assert act(house.kari, "/gates/1/add", why="exit W2")[0] == 200
    words = look(house.sol, "/gates").words
    assert "Added later exit W2" in words
    assert "Agreed so far nobody" in words


@pytest.mark.parametrize("answer", ["decline", "lack"])
def test_a_no_and_missing_information_need_words(house: House, answer: str) -> None:
    """What was typed stays; the refusal says what to say."""
    house.propose(**PACKAGE)
    status, said = house.answer(house.sol, answer)
    assert status == 400
    assert "is empty" in said["detail"]
    assert house.answer(house.sol, answer, why="too early")[0] == 200


def test_an_answer_to_words_that_changed_is_refused(house: House) -> None:
    """The page was made before the proposer added something."""
    house.propose(**PACKAGE)
    old = forms(look(house.sol, "/gates"))["/gates/1/lack"].fields["content"][0]
    act(house.kari, "/gates/1/add", why="more")
    status, said = act(house.sol, "/gates/1/approve", content=old)
    assert status == 409
    assert "not what you were shown" in said["detail"]


def test_an_operator_sees_who_must_agree_and_is_not_asked(house: House) -> None:
    """Kari proposes and watches; her page says whose decision it takes and offers only what is hers."""
    house.propose(**PACKAGE)
    page = look(house.kari, f"/incidents/{house.incident}")
    panel = by_id(page, "proposals").words
    for told in ("Evidence package: district police", "Class D", "2 different people must agree", "Supervisor"):
        assert told in panel
    assert {address for address in acts(page) if address.startswith("/gates/")} == {
        "/gates/1/add",
        "/gates/1/withdraw",
    }
    assert house.kari.post("/gates/1/approve", data={"content": "0" * 64}).status_code in (403, 409)


def test_a_message_reaches_its_readers_bar_until_it_is_read(house: House) -> None:
    """The bar of every page says that something waits; read once, it is gone."""
    assert house.propose(**MESSAGE)[0] == 200
    assert house.answer(house.kari, "approve")[0] == 200
    assert by_id(look(house.sol, "/gates"), "waiting").words == "1 waits for your decision or reading"
    assert "come to E1" in look(house.sol, "/gates").words
    assert act(house.sol, "/gates/1/read")[0] == 200
    assert not [node for node in look(house.sol, "/gates").all() if node.get("id") == "waiting"]


def test_the_forms_offer_only_what_something_performs(house: House) -> None:
    """No sign and no siren is connected here, so neither is on the page; every field has a name; no law is preselected."""
    page = look(house.kari, f"/incidents/{house.incident}")
    propose = by_id(page, "propose")
    kinds = {form.fields["kind"][0] for form in propose.all("form")}
    assert kinds == {"message", "evidence_package"}
    assert unlabelled(page) == []
    for field in propose.all("input"):
        assert "checked" not in field.attributes


def test_the_forms_offer_a_city_system_as_soon_as_one_is_declared(town: Town, house: House) -> None:
    """What is declared in the home counts as what performs it; proposed from the form, it waits for one supervisor."""
    connect(town, devices=True)
    page = look(house.kari, f"/incidents/{house.incident}")
    forms = {form.get("action"): form for form in by_id(page, "propose").all("form")}
    offered = forms["/effects/set"]
    assert [(each.get("value"), each.words) for each in offered.all("option") if each.words] == [
        ("sign-e1", "Sign at E1 · simulated")
    ]
    assert offered.fields["incident"] == [str(house.incident)]
    assert unlabelled(page) == []
    sent = {"kind": "city_system", "minutes": 30, "why": "crowd", "until": "end of incident"}
    status, said = house.propose(target="Sign at E1", command="leave by E2", **sent)
    assert (status, said["said"]) == (200, "Asked; 1 must agree")
    with town.desk.store.read() as unit:
        assert unit.actions.find()[0].parameters["device"] == "sign-e1"
    status, refused = house.propose(target="sign-w9", command="leave by E2", **sent)
    assert (status, refused["limit"]) == (400, "sign-e1")


def test_a_public_warning_is_offered_where_it_is_drafted(town: Town, house: House) -> None:
    """With a gateway the incident's page leads to the composer: a form there would ask for what nobody could release."""
    connect(town, devices=False)
    page = look(house.kari, f"/incidents/{house.incident}")
    propose = by_id(page, "propose")
    assert "public_warning" not in {form.fields["kind"][0] for form in propose.all("form")}
    address = f"/warnings?incident={house.incident}"
    assert [link.words for link in propose.all("a") if link.get("href") == address] == ["Draft a warning"]
    assert house.kari.get(address).status_code == 200


@pytest.mark.parametrize("role", [Role.EXECUTIVE, Role.DPO, Role.ANALYST])
def test_who_proposes_nothing_is_offered_nothing_however_much_is_connected(town: Town, role: Role) -> None:
    """Signs and gateways change what can be performed, not who may ask for it."""
    connect(town, devices=True)
    seat(town, "Vera", role)
    assert proposable(town.desk, actor(town, "Vera")) == ()


def test_the_gates_page_says_whose_decision_what_takes(house: House) -> None:
    """Five classes with people and roles, who can see the page, and figures that are withheld from fewer than five."""
    words = look(house.kari, "/gates").words
    for told in ("Class A", "Class E", "2 different people: Executive, Supervisor", "Withheld: fewer than 5"):
        assert told in words


@pytest.mark.parametrize("role", [Role.PLANNER, Role.DPO, Role.AUDITOR, Role.ANALYST])
def test_who_only_watches_is_asked_nothing(town: Town, house: House, role: Role) -> None:
    """They see what waits for whom and have no answer to give."""
    house.propose(**PACKAGE)
    vera = seat(town, "Vera", role)
    page = look(vera, "/gates")
    assert not {address for address in acts(page) if address.startswith("/gates/")}
    assert "Evidence package" in page.words


def test_the_decision_form_has_not_knowing_as_an_option_like_the_others(house: House) -> None:
    """A radio button like the others, none checked; choosing it records the decision not to decide yet, and why."""
    form = forms(look(house.kari, f"/incidents/{house.incident}"))[f"/incidents/{house.incident}/decide"]
    radios = [field for field in form.all("input") if field.get("type") == "radio"]
    assert [radio.get("value") for radio in radios] == ["0", "1", "2", "3", "4"]
    assert not [radio for radio in radios if "checked" in radio.attributes]
    path = f"/incidents/{house.incident}/decide"
    status, _ = act(house.kari, path, seen="smoke", option=["evacuate", "", "", ""], choice=4, reason="whose smoke?")
    assert status == 200
    decided = by_id(look(house.kari, f"/incidents/{house.incident}"), "decisions").words
    assert f"{NOT_ENOUGH} (chosen)" in decided.replace("  ", " ")


def test_a_decision_without_a_choice_is_none(house: House) -> None:
    """Nothing is taken for chosen because it stands first."""
    path = f"/incidents/{house.incident}/decide"
    status, said = act(house.kari, path, seen="smoke", option=["evacuate", "wait"], reason="x")
    assert status == 400
    assert "the choice is empty" in said["detail"]


@pytest.mark.parametrize("shown", ["yesterday", "2026-11-22T10:00:00", "x" * 39])
def test_an_odd_time_of_showing_is_refused(house: House, shown: str) -> None:
    """A page sends back the time it was made, with its zone; anything else is no page of ours."""
    house.propose(**PACKAGE)
    assert house.answer(house.sol, "approve", shown=shown)[0] == 400


def test_the_verdicts_carry_when_they_were_shown_and_none_is_pressed(town: Town, raised: Raise) -> None:
    """On the alert's page every verdict looks the same, "not enough information" among them."""
    kari = seat(town)
    page = look(kari, f"/alerts/{raised().id}")
    form = forms(page)["/alerts/1/assess"]
    buttons = [button for button in form.all("button") if button.get("name") == "verdict"]
    assert {button.get("class").strip() for button in buttons} == {"button"}
    assert "not_enough_information" in {button.get("value") for button in buttons}
    assert not [button for button in buttons if button.get("aria-pressed") == "true"]
    assert form.fields["shown"][0]
