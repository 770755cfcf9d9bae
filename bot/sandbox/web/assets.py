"""Our own stylesheets, scripts and drawings, under addresses that change with their content."""

import functools
import hashlib
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

FOLDER = Path(__file__).with_name("static")
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@functools.cache
def version() -> str:
    """A short hash over everything in the folder: what a browser may keep for ever is what bears it."""
    digest = hashlib.sha256()
    for path in sorted(FOLDER.iterdir()):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]


async def asset(request: Request) -> Response:
    """Answers `GET /static/{version}/{name}`; modules import each other by relative names: one version for all."""
    name = request.path_params["name"]
    path = FOLDER / name
    if Path(name).name != name or path.suffix not in TYPES or not path.is_file():
        return PlainTextResponse("There is no such file.", 404)
    kept = request.path_params["version"] == version()
    caching = "public, max-age=31536000, immutable" if kept else "no-store"
    return Response(path.read_bytes(), media_type=TYPES[path.suffix], headers={"Cache-Control": caching})
