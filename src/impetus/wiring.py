"""The only file that knows every adapter: it bundles them into the desk of one home.

Adapters are imported where they are made, so that a process loads only what it uses: the supervisor needs neither columns
nor ciphers, and the page must be there soon.
"""
# ruff: noqa: PLC0415 - see above: what a process does not use, it does not load

import threading
import time
import weakref
from pathlib import Path

from impetus.core.register import SiteFacts
from impetus.desk.context import Desk, Door
from impetus.ports import Bus, Chance, Clock, Codec, Keys, Store
from impetus.ports.backups import Backups
from impetus.ports.city import Outside
from impetus.ports.media import Media
from impetus.ports.notices import ChannelBook
from impetus.ports.register import Configuration
from impetus.ports.stops import Stops
from impetus.settings import MIB, SETTINGS_FILE, Settings, read_settings

COUNTS_S = 5.0
"""How late counted decisions may be written beyond their minute. House rule."""


def make_home(home: Path) -> None:
    """Make the folder of an installation, readable by its owner only; an existing one is left as it is."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)


def open_state(settings: Settings) -> Store:
    """Open the state of a home, making or migrating it first when need be."""
    from impetus.adapters.sql.store import open_store

    make_home(settings.home)
    return open_store(settings.home)


def open_bus(settings: Settings, clock: Clock) -> Bus:
    """Open the durable local bus of a home."""
    from impetus.adapters.local_bus import LocalBus

    return LocalBus(settings.home / "bus", clock=clock, limit_bytes=settings.bus_limit_mib * MIB)


def open_clock() -> Clock:
    """Return the machine's clock."""
    from impetus.adapters.clock import SystemClock

    return SystemClock()


def open_stops(home: Path) -> Stops:
    """Return the kill switch of a home; needs neither its state nor its bus."""
    from impetus.adapters.stop_files import StopFiles

    return StopFiles(home / "stops")


def open_media(settings: Settings) -> Media:
    """Return the cameras: drawn ones where input is simulated, else none until some are connected."""
    if settings.simulated:
        from impetus.demo.camera import DrawnCameras

        return DrawnCameras()
    from impetus.adapters.no_media import NoMedia

    return NoMedia()


def open_configuration(settings: Settings) -> Configuration:
    """Return what is configured in a home, read anew whenever a file of it changes."""
    from impetus.adapters.home_configuration import HomeConfiguration, Parsers
    from impetus.ethics.site_register import read_site_register, read_tool_answers

    parsers = Parsers(
        facts=lambda: site_facts(read_settings(settings.home)), register=read_site_register, answers=read_tool_answers
    )
    return HomeConfiguration(settings.home / SETTINGS_FILE, settings.register_file, parsers)


def site_facts(settings: Settings) -> SiteFacts:
    """Return what the settings say that the register needs; each retention class with its days."""
    return SiteFacts(
        site=settings.tenant,
        switched_on=settings.tools,
        days={
            "observations": settings.observations_days,
            "alerts": settings.alerts_days,
            "evidence": settings.evidence_days,
            "quarantine": settings.quarantine_days,
        },
        is_exercise=settings.is_exercise,
        listens=settings.host,
        settings=settings.tool_settings,
    )


def open_door(settings: Settings, store: Store, bus: Bus, clock: Clock) -> Door:
    """Return what a part without a desk asks the guard with."""
    from impetus.adapters.bus_journal import BusJournal
    from impetus.adapters.cedar import open_policy

    return Door(store=store, journal=BusJournal(bus), policy=open_policy(), clock=clock, tenant=settings.tenant)


def open_outside(home: Path) -> Outside:
    """Return the city's systems, gateways and feeds as the home declares them; nothing is connected before it is used."""
    from impetus.adapters.cap.codec import XmlCap
    from impetus.adapters.effectors.city import DeclaredCity
    from impetus.adapters.effectors.fetch import HttpFetcher

    cap = XmlCap()
    city = DeclaredCity(home, cap)
    return Outside(city=city, gateways=city, cap=cap, fetcher=HttpFetcher())


def open_channels(settings: Settings, keys: Keys, clock: Clock, chance: Chance) -> ChannelBook:
    """Return the ways to people's devices as the home's file says; none is connected before it is used."""
    from impetus.adapters.notices.book import FileChannels, Site

    host = "127.0.0.1" if settings.host in {"0.0.0.0", "::"} else settings.host  # noqa: S104 - compared with, not bound to
    site = Site(
        home=settings.home,
        tenant=settings.tenant,
        address=f"http://{f'[{host}]' if ':' in host else host}:{settings.port}",
        simulated=settings.simulated,
    )
    return FileChannels(site, keys, clock, chance)


def open_codec() -> Codec:
    """Return how findings and evidence become bytes."""
    from impetus.adapters.envelope import JsonCodec

    return JsonCodec()


def open_desk(settings: Settings, clock: Clock | None = None) -> Desk:
    """Return the desk of one home, everything behind its ports; first use makes the home, its key and its state.

    `clock` instead of the machine's: for a scratch installation whose time is moved.
    """
    from impetus.adapters.arrow import ArrowColumns
    from impetus.adapters.bus_journal import BusJournal
    from impetus.adapters.cedar import open_policy
    from impetus.adapters.chance import SystemChance
    from impetus.adapters.class_keys import BlobKeys, FileClassKeys
    from impetus.adapters.file_blobs import FileBlobs
    from impetus.adapters.file_keys import FileKeys
    from impetus.adapters.masks import SilhouetteMasks
    from impetus.adapters.parquet_history import ParquetHistory
    from impetus.adapters.passwords import ArgonPasswords
    from impetus.adapters.pictures import PillowPictures
    from impetus.adapters.process_texts import ProcessFiles
    from impetus.adapters.remains import FileRemains
    from impetus.adapters.reports import PrintedReports
    from impetus.adapters.signatures import FileSignatures
    from impetus.adapters.standing_files import StandingFiles
    from impetus.adapters.text_masks import LibraryTextMasks
    from impetus.adapters.tile_log import TileFiles
    from impetus.adapters.totp import TotpCodes
    from impetus.adapters.vault import FileVault

    store, clock, chance = open_state(settings), clock or open_clock(), SystemChance()
    keys = FileKeys(settings.home / "key", chance)
    ring = FileClassKeys(settings.home / "class-keys", keys, chance)
    bus = open_bus(settings, clock)
    desk = Desk(
        store=store,
        bus=bus,
        history=ParquetHistory(settings.home / "history"),
        blobs=FileBlobs(settings.home / "blobs", BlobKeys(ring, keys, clock), clock),
        keys=keys,
        clock=clock,
        chance=chance,
        passwords=ArgonPasswords(),
        codec=open_codec(),
        columns=ArrowColumns(),
        codes=TotpCodes(),
        journal=BusJournal(bus),
        signatures=FileSignatures(settings.home / "signing", keys, chance),
        log_files=TileFiles(settings.log_tiles),
        policy=open_policy(),
        tenant=settings.tenant,
        class_keys=ring,
        remains=FileRemains(settings.home),
        stops=open_stops(settings.home),
        configuration=open_configuration(settings),
        reports=PrintedReports(),
        media=open_media(settings),
        masks=SilhouetteMasks(),
        pictures=PillowPictures(),
        text_masks=LibraryTextMasks(),
        vault=FileVault(settings.home / "pseudonyms" / "days", keys, chance),
        outside=open_outside(settings.home),
        process_texts=ProcessFiles(),
        standings=StandingFiles(settings.home / "tools"),
        channels=open_channels(settings, keys, clock, chance),
    )
    _write_counts(desk)
    return desk


def _write_counts(desk: Desk) -> None:
    """Write counted decisions when their minute is over, for as long as the desk is there, also while nobody comes."""
    journal, clock, tally = desk.journal, desk.clock, weakref.ref(desk.tally)

    def work() -> None:
        while (counts := tally()) is not None:
            counts.write_due(journal, clock.now())
            del counts
            time.sleep(COUNTS_S)

    threading.Thread(target=work, name="counts", daemon=True).start()


def open_backups(settings: Settings, desk: Desk) -> Backups:
    """Return what makes backups of a home."""
    from impetus import __version__
    from impetus.adapters.backup.make import FileBackups, Site

    site = Site(home=settings.home, name=settings.site, program=__version__)
    return FileBackups(site, desk.class_keys, desk.signatures, desk.clock, desk.chance)
