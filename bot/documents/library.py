"""Where templates are: a folder of one's own first, then those that come with Muster, from a checkout or a wheel."""

import re
from pathlib import Path

import bot

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,40}")


def shipped(kind: str) -> Path:
    """The folder of `templates` or `runbooks` that comes with Muster."""
    package = Path(bot.__file__).parent
    packed = package / "_data" / kind
    return packed if packed.is_dir() else package.parent / kind


def template_folders(own: Path | None) -> list[Path]:
    """Where to look for a template, in this order."""
    return [*([own] if own else []), shipped("templates")]


def template_file(kind: str, name: str) -> str:
    """The file of a template below those folders. Raises ValueError for a name that is none."""
    if not NAME.fullmatch(name):
        raise ValueError(f"“{name[:60]}” is no template's name: small letters, digits and dashes.")
    return f"{kind}/{name}.md.j2"


def is_own(kind: str, name: str, own: Path | None) -> bool:
    """Whether a template is one of the company's own, and not Muster's. Raises ValueError for a name that is none."""
    return own is not None and (own / template_file(kind, name)).is_file()
