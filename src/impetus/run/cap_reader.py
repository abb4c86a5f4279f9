"""The part that reads other authorities' feeds of warnings in; the role is `feeds`."""

from impetus.core.errors import NotNow
from impetus.desk.feeds import FeedWatch, read_feed
from impetus.run.heartbeat import Heart
from impetus.settings import Settings
from impetus.wiring import open_desk

LOOK_S = 1.0


def run(settings: Settings, heart: Heart) -> None:
    """Read each feed when its time comes, until told to stop."""
    desk = open_desk(settings)
    watches, due_s = dict[str, FeedWatch](), dict[str, float]()
    told = 0
    try:
        while not heart.stopping.is_set():
            for feed in desk.outside.gateways.feeds():
                now_s = desk.clock.monotonic_s()
                if now_s < due_s.get(feed.id, 0.0) or heart.stopping.is_set():
                    continue
                due_s[feed.id] = now_s + feed.every_s
                try:
                    told += read_feed(desk, feed, watches.setdefault(feed.id, FeedWatch())).told
                except NotNow as error:
                    watches.setdefault(feed.id, FeedWatch()).trouble = error.detail
                    due_s[feed.id] = now_s + error.retry_after_s
            troubles = [f"{name}: {watch.trouble}" for name, watch in watches.items() if watch.failures]
            heart.beat(rate_per_s=0.0, note="; ".join(troubles) or f"{told} warnings read in")
            heart.stopping.wait(LOOK_S)
    finally:
        desk.close()
