"""A folder that signs, as a bucket does: for tests of what is done with signatures."""

from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage

from sleeping.signing import CannotSign, Signed, Wanted


@dataclass
class Clock:
    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Signer:
    """What the storage was asked for, and what it says."""

    clock: Clock = field(default_factory=Clock)
    lives: int = 10_000
    """Seconds for which its keys hold."""
    fails: bool = False
    asked: list[Wanted] = field(default_factory=list)


signer = Signer()


class SigningStorage(Storage):
    """Its files are in no folder."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def _open(self, name: str, mode: str) -> File:
        return ContentFile(self.files[name], name)

    def _save(self, name: str, content: File) -> str:
        self.files[name] = content.read()
        return name

    def exists(self, name: str) -> bool:
        return name in self.files

    def size(self, name: str) -> int:
        return len(self.files[name])

    def url(self, name: str) -> str:
        return f"https://bucket.example.org/{quote(name)}"

    def sign(self, wanted: Wanted, seconds: int) -> Signed:
        signer.asked.append(wanted)
        if signer.fails:
            raise CannotSign("The bucket says: no. Ask it nicely.")
        seconds = min(seconds, signer.lives)
        query = urlencode({"number": len(signer.asked), "seconds": seconds, "type": wanted.content_type})
        return Signed(f"https://bucket.example.org/{quote(wanted.name)}?{query}", signer.clock() + seconds)
