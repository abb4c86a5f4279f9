"""Take a screenshot of every page into docs/screens: `python tests/screens/shots.py [folder]`.

The same seeded square as in the tests, so that a changed picture means a changed page. Needs Chromium.
"""

import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from playwright.sync_api import Browser, Page, sync_playwright

from impetus.adapters.standing_files import StandingFiles
from impetus.core.actor import Role
from impetus.core.ids import IncidentId
from impetus.desk import runs
from impetus.web.vendor import bring
from screens.overseen import actor, overseen
from screens.seat import ARGUMENTS, PASSWORD, ROOT, sign_in
from screens.seeded import BEGAN, Seeded, person, seeded, work
from screens.served import served
from standing_samples import stand_on_square

PAGES = (
    ("picture", "/"),
    ("alert", "/alerts/1"),
    ("incident", "/incidents/1"),
    ("alerts", "/alerts"),
    ("incidents", "/incidents"),
    ("city", "/city?hours=6"),
    ("sensors", "/sensors"),
    ("sensor", "/sensors/12?hours=6"),
    ("rates", "/sensors/rates"),
    ("sources", "/sources"),
    ("quarantine", "/sources/quarantine"),
    ("board", "/board"),
    ("keys", "/keys"),
    ("methane", "/incidents/1/methane"),
    ("playbooks", "/playbooks"),
    ("playbook", "/playbooks/firearm_seen"),
    ("on-call", "/on-call"),
    ("hand-over", "/hand-over"),
    ("shift-log", "/shift-log"),
    ("warnings", "/warnings"),
    ("city-systems", "/effects"),
    ("load", "/load"),
    ("key-figures", "/kpis"),
    ("without-the-server", "/offline"),
)
OVERSEEN = (
    ("ethics", "/ethics"),
    ("register", "/ethics/register/urban_anomaly"),
    ("assessment", "/ethics/assessments/urban_anomaly"),
    ("assessment-risks", "/ethics/assessments/urban_anomaly#risks"),
    ("frameworks", "/ethics/frameworks"),
    ("who-looked", "/ethics/who-looked?kind=camera&which=c14"),
    ("retention", "/ethics/retention"),
    ("log", "/ethics/log"),
    ("stops", "/stops"),
    ("reveals", "/reveals"),
    ("workers", "/workers"),
)
"""What the data protection officer sees."""
WORKED = (
    ("cameras", "/cameras"),
    ("camera", "/cameras/c14"),
    ("decisions", "/gates"),
    ("explained", "/alerts/1/explanation"),
)
"""What an operator sees of it."""
ODD = ("square/p12/people_density", "square/a2/airborne_bacteria", "square/c11/frame_rate")
"""What is unusual in the pictures of the screens about sensors."""
WIDE = {"width": 1600, "height": 1000}
PHONE = {"width": 390, "height": 844}
WALL = {"width": 3840, "height": 2160}


def take(browser: Browser, url: str, folder: Path) -> None:
    """Take every page in the dark theme, the picture also in daylight, on a phone, on the wall and in grey."""
    page = browser.new_page(viewport=WIDE, locale="en-GB")
    page.goto(f"{url}/sign-in")
    page.screenshot(path=folder / "sign-in.png")
    sign_in(page, url, "Kari")
    for name, path in PAGES:
        shoot(page, url + path, folder / f"{name}.png")
    grey = page.context.new_cdp_session(page)
    grey.send("Emulation.setEmulatedVisionDeficiency", {"type": "achromatopsia"})
    shoot(page, url + "/", folder / "picture-grey.png")
    grey.send("Emulation.setEmulatedVisionDeficiency", {"type": "none"})
    page.context.add_cookies([{"name": "impetus_theme", "value": "light", "url": url}])
    shoot(page, url + "/", folder / "picture-light.png")
    shoot(page, url + "/incidents/1", folder / "incident-light.png")
    shoot(page, url + "/alerts/1", folder / "alert-light.png")
    shoot(page, url + "/city?hours=6", folder / "city-light.png")
    page.context.clear_cookies(name="impetus_theme")
    page.set_viewport_size(PHONE)
    shoot(page, url + "/", folder / "picture-phone.png")
    shoot(page, url + "/incidents/1", folder / "incident-phone.png")
    page.set_viewport_size(WALL)
    shoot(page, url + "/", folder / "picture-wall.png")


def take_overseen(browser: Browser, url: str, folder: Path) -> None:
    """Take the pages about ethics; the console also in daylight and on a phone."""
    page = browser.new_page(viewport=WIDE, locale="en-GB")
    sign_in(page, url, "Dag")
    for name, path in OVERSEEN:
        shoot(page, url + path, folder / f"{name}.png")
    page.context.add_cookies([{"name": "impetus_theme", "value": "light", "url": url}])
    shoot(page, url + "/ethics", folder / "ethics-light.png")
    page.context.clear_cookies(name="impetus_theme")
    page.set_viewport_size(PHONE)
    shoot(page, url + "/ethics", folder / "ethics-phone.png")
    operator = browser.new_page(viewport=WIDE, locale="en-GB")
    sign_in(operator, url, "Kari")
    for name, path in WORKED:
        shoot(operator, url + path, folder / f"{name}.png")


def _lead(town: Seeded) -> None:
    """Let a playbook lead the incident, two steps in."""
    kari, incident = actor(town.desk, "Kari"), IncidentId(1)
    runs.start(town.desk, kari, incident, "firearm_seen")
    runs.finish_step(town.desk, kari, incident, "1", answer="a firearm", evidence="seen from C5 and C12")
    runs.finish_step(town.desk, kari, incident, "2", evidence="the police repeated the place")


def shoot(page: Page, address: str, file: Path) -> None:
    """Take one page once it is live and drawn."""
    page.goto(address, wait_until="domcontentloaded")
    page.wait_for_selector('#line[data-line="live"]')
    if page.locator("#map").count():
        page.wait_for_selector("#map[data-drawn]", timeout=60_000)
        page.wait_for_selector("#map[data-read], #map[data-frame]", timeout=60_000)
    for drawn in ("#plot", "#grid"):
        if page.locator(drawn).count():
            page.wait_for_selector(f"{drawn}[data-drawn]", timeout=60_000)
    page.wait_for_function("() => [...document.images].every((image) => image.complete)", timeout=60_000)
    page.screenshot(path=file)


def main(folder: Path) -> None:
    """Seed, serve, sign in and take."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        sys.exit("Chromium is needed for screenshots (Debian: apt-get install chromium)")
    bring()
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        town: Seeded = seeded(Path(home))
        for name, role in (("Kari", Role.OPERATOR), ("Ola", Role.OPERATOR)):
            person(town.desk, name, role, PASSWORD)
        town.desk = replace(town.desk, standings=StandingFiles(Path(home) / "tools"))
        stand_on_square(town.desk, town.datastreams, town.readings, dict.fromkeys(ODD, BEGAN))
        work(town)
        _lead(town)
        with served(town) as url, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
            take(browser, url, folder)
            browser.close()
    with (
        tempfile.TemporaryDirectory() as home,
        served(overseen(Path(home))) as url,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        take_overseen(browser, url, folder)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "screens")
