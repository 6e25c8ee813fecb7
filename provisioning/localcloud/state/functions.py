"""Functions that no module knows by a name: the lambdas in moto's records (`defaultdict(lambda: …)`) and ours.

Their code is that of this Python and of these sources: the snapshot names both.
"""

import importlib
import marshal
from types import CellType, FunctionType
from typing import Any


def has_no_address(function: FunctionType) -> bool:
    return "<" in function.__qualname__  # <lambda>, <locals>


def taken_apart(function: FunctionType) -> Any:
    cells = tuple(cell.cell_contents for cell in function.__closure__ or ())
    code = marshal.dumps(function.__code__)
    return put_together, (function.__module__, function.__name__, code, function.__defaults__, cells)


def put_together(
    module: str, name: str, code: bytes, defaults: tuple[Any, ...] | None, cells: tuple[Any, ...]
) -> FunctionType:
    names = vars(importlib.import_module(module))
    return FunctionType(marshal.loads(code), names, name, defaults, tuple(CellType(each) for each in cells))  # noqa: S302
