"""What a marked message brought along: pictures, known by their digest."""

from bot.incident.values import Value


class Image(Value):
    """A picture kept as a blob: `digest` is its SHA-256 in hex, `size` is in bytes."""

    digest: str
    name: str
    media_type: str
    size: int
