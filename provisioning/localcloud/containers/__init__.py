"""Containers of an engine on this machine, in which images run as they are.

`Containers` says whether an image can: podman, or docker for who asks for it, is looked for once (`finding.py`), when
the first image asks, and the image is brought to it (`fetching.py`). `Runner` is what such an engine is told
(`runner.py`). A container is held by a leash (`processes.Reins`), and its name and its label say whose it is, so that
the next local AWS can sweep what a power cut has left.
"""

from .containers import Containers as Containers
from .containers import NoContainer as NoContainer
from .containers import RunImages as RunImages
from .containers import Runnable as Runnable
from .containers import checked as checked
from .runner import Runner as Runner
