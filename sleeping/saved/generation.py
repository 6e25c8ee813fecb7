"""Which generation the site is in, as instances tell each other."""

import json
from dataclasses import asdict, dataclass
from typing import Self


@dataclass(frozen=True)
class Generation:
    number: int
    barrier: int
    """The generation before which no copy is shown any more: something was taken away from visitors then."""

    def pack(self) -> bytes:
        return json.dumps(asdict(self)).encode()

    @classmethod
    def unpack(cls, packed: bytes) -> Self | None:
        try:
            return cls(**json.loads(packed))
        except (ValueError, TypeError):
            return None
