"""Static files, read once at start, addressed by the hash of all of them, and so kept by browsers for good.

`/static/<hash>/js/map.js` never changes its bytes, and because the hash stands before the path, modules that import
each other by relative paths stay within one version. `/static/js/map.js` works too, checked again at each use. Nothing
but what was read at start can be asked for, so there is no path to walk out of. Only static files are compressed:
pages hold secrets next to what visitors typed.
"""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from impetus.core.errors import Unknown

STATIC_DIR = Path(__file__).parent / "static"
COMPRESSED = ("text/", "application/javascript", "application/json", "image/svg+xml")
SMALLEST_COMPRESSED_BYTES = 1024
FOREVER = "public, max-age=31536000, immutable"
SERVICE_WORKER = "js/sw.js"
"""The one script that may watch over every page of ours, though it lies in a folder of its own."""
TYPES = {
    ".mjs": "text/javascript",
    ".js": "text/javascript",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One static file with its compressed form, None where that would not be smaller."""

    body: bytes
    media_type: str
    etag: str
    zipped: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Assets:
    """All static files by path, and the hash that names this set of them."""

    version: str
    files: dict[str, Asset] = field(default_factory=dict)

    def url(self, path: str) -> str:
        """Return the address of a static file; a path that does not exist still gets one, and a 404 when asked for."""
        return f"/static/{self.version}/{path}"

    def answer(self, request: Request, path: str) -> Response:
        """Return the file, or `Unknown`; 304 when the browser has it."""
        versioned = path.startswith(self.version + "/")
        asset = self.files.get(path.removeprefix(self.version + "/"))
        if asset is None:
            raise Unknown(f"there is no static file {path[:100]}", value=path, remedy="reload the page")
        scope = {"Service-Worker-Allowed": "/"} if path.endswith(SERVICE_WORKER) else {}
        headers = scope | {
            "ETag": asset.etag,
            "Cache-Control": FOREVER if versioned else "no-cache",
            "Vary": "Accept-Encoding",
        }
        if request.headers.get("if-none-match") == asset.etag:
            return Response(status_code=304, headers=headers)
        if asset.zipped is not None and "gzip" in request.headers.get("accept-encoding", ""):
            return Response(asset.zipped, media_type=asset.media_type, headers={**headers, "Content-Encoding": "gzip"})
        return Response(asset.body, media_type=asset.media_type, headers=headers)


def load_assets(directory: Path = STATIC_DIR) -> Assets:
    """Read every file under the directory; an absent directory gives none."""
    files = {
        file.relative_to(directory).as_posix(): _asset(file)
        for file in sorted(directory.rglob("*"))
        if file.is_file() and not file.name.startswith(".") and file.suffix != ".map"
    }
    total = hashlib.sha256()
    for path, asset in files.items():
        total.update(f"{path} {asset.etag}\n".encode())
    return Assets(version=total.hexdigest()[:12], files=files)


def _asset(file: Path) -> Asset:
    body = file.read_bytes()
    media_type = TYPES.get(file.suffix) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    shrinks = len(body) >= SMALLEST_COMPRESSED_BYTES and media_type.startswith(COMPRESSED)
    return Asset(
        body=body,
        media_type=media_type,
        etag=f'"{hashlib.sha256(body).hexdigest()[:16]}"',
        zipped=_zipped(body) if shrinks else None,
    )


@lru_cache(maxsize=256)
def _zipped(body: bytes) -> bytes | None:
    """Return the compressed form, None when it is no smaller; the same bytes are compressed once a process."""
    zipped = gzip.compress(body, compresslevel=6, mtime=0)
    return zipped if len(zipped) < len(body) else None
