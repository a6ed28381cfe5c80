"""The built web app as a load balancer and a bucket serve it: one header policy, caching, compression, own paths."""

import hashlib
import json
import mimetypes
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from aiohttp import web

from emulators.gateway import problem

HTTPS_ONLY = "Strict-Transport-Security"  # on plain http it has no meaning
ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
TYPES = {".webmanifest": "application/manifest+json", ".js": "text/javascript", ".woff2": "font/woff2"}


@dataclass(frozen=True)
class File:
    """One file of the build with its compressed forms, read once."""

    content: dict[str, bytes]
    media_type: str
    etag: str


class Site:
    """Serves `folder` by the rules of `definition` (web/site.json)."""

    def __init__(self, folder: Path, definition: dict[str, Any]) -> None:
        self.folder = folder
        self.routes: list[str] = definition["routes"]
        self.headers = {name: value for name, value in definition["security_headers"].items() if name != HTTPS_ONLY}
        self.cache_control: dict[str, str] = definition["cache_control"]
        self._files: dict[Path, tuple[float, File]] = {}

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """A file of the build, the app's page on its own paths, or 404."""
        path = request.path
        found = self._find(path)
        if found is None:
            return self._with_headers(self._missing(request))
        if request.method not in ("GET", "HEAD"):
            return self._with_headers(problem.method_not_allowed(request, ["GET", "HEAD"]))
        name, file = found
        return self._with_headers(self._file(request, name, file))

    def _find(self, path: str) -> tuple[str, File] | None:
        target = (self.folder / path.lstrip("/")).resolve()
        if target.is_relative_to(self.folder.resolve()) and target.is_file() and target.suffix not in (".br", ".gz"):
            return path, self._read(target)
        page = self.folder / "index.html"
        if self._is_own(path) and page.is_file():
            return "/index.html", self._read(page)
        return None

    def _missing(self, request: web.Request) -> web.Response:
        """The app's page with an honest 404 for a person, as the cloud's bucket answers; a problem for a program."""
        page = self.folder / "index.html"
        if "text/html" not in request.headers.get("Accept", "") or not page.is_file():
            return problem.not_found(request)
        return self._file(request, "/index.html", self._read(page), status=404)

    def _is_own(self, path: str) -> bool:
        return any(fnmatchcase(path, pattern) for pattern in self.routes)

    def _read(self, target: Path) -> File:
        changed = target.stat().st_mtime
        if target in self._files and self._files[target][0] == changed:
            return self._files[target][1]
        content = {"identity": target.read_bytes()}
        for encoding, suffix in ENCODINGS:
            compressed = target.with_name(target.name + suffix)
            if compressed.is_file():
                content[encoding] = compressed.read_bytes()
        media_type = TYPES.get(target.suffix) or mimetypes.guess_type(target.name)[0] or "application/octet-stream"
        file = File(content, media_type, hashlib.sha256(content["identity"]).hexdigest()[:20])
        self._files[target] = (changed, file)
        return file

    def _file(self, request: web.Request, name: str, file: File, status: int = 200) -> web.Response:
        accepted = _accepted(request.headers.get("Accept-Encoding", ""))
        encoding = next((code for code, _ in ENCODINGS if code in accepted and code in file.content), "identity")
        etag = f'"{file.etag}-{encoding}"'
        headers = {"ETag": etag, "Cache-Control": self._caching(name), "Vary": "Accept-Encoding"}
        if status == 200 and etag in request.headers.get("If-None-Match", ""):
            return web.Response(status=304, headers=headers)
        if encoding != "identity":
            headers["Content-Encoding"] = encoding
        charset = "utf-8" if file.media_type.startswith("text/") else None
        body = file.content[encoding]
        return web.Response(status=status, body=body, content_type=file.media_type, charset=charset, headers=headers)

    def _caching(self, name: str) -> str:
        return next(value for pattern, value in self.cache_control.items() if fnmatchcase(name, pattern))

    def _with_headers(self, response: web.Response) -> web.Response:
        response.headers.update(self.headers)
        return response


def _accepted(header: str) -> set[str]:
    """The codings of an Accept-Encoding header, without those of quality 0."""
    items = [item.replace(" ", "").partition(";q=") for item in header.split(",")]
    return {coding for coding, _, quality in items if not quality or float(quality) > 0}


def load(folder: Path, definition: Path) -> Site:
    """The site of `folder` by the rules in the file `definition`."""
    return Site(folder, json.loads(definition.read_text()))
