"""What a wish brings along to be kept beside the facts: prose in versions, and bytes such as an image."""

import hashlib
from typing import Self

from bot.incident.values import Value


class NewDocument(Value):
    """A version of some prose about an incident, Markdown unless `format` says otherwise."""

    kind: str
    format: str = "markdown"
    body: str


class NewBlob(Value):
    """Bytes to be kept for one incident, under the digest that facts name them by."""

    digest: str
    media_type: str
    body: bytes

    @classmethod
    def of(cls, incident: int, media_type: str, body: bytes) -> Self:
        """The digest counts the incident in: a picture in two incidents is kept twice, so that redaction in one takes
        nothing from the other."""
        digest = hashlib.sha256(b"%d/%b" % (incident, body)).hexdigest()
        return cls(digest=digest, media_type=media_type, body=body)
