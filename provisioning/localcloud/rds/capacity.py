"""How many capacity units an instance has: it follows the load, up quickly and down slowly.

The load is how many sessions are on a processor, which is how RDS's Performance Insights counts it. The processors'
time would say less here: a laptop has a few of them, and a database that wants forty could never show it.
"""

import math

from ..times import USUAL

STEP = 0.5  # capacity units; botocore's model
LEAST = 0.5  # of one that is awake; botocore's model
# The guide: 1 unit has about 2 GiB and "corresponding CPU". A db.r6g.large has 16 GiB and 2 processors.
PER_PROCESSOR = 4.0


class Capacity:
    def __init__(self) -> None:
        self.units = 0.0
        self._waited = 0.0

    def rest(self) -> None:
        """It is paused."""
        self.units = self._waited = 0.0

    def follow(self, busy: float, least: float, most: float, seconds: float) -> float:
        """`busy` sessions on a processor, for so many of AWS's seconds. Both speeds are believed.

        The guide: the larger it is, the faster it grows.
        """
        lowest = max(least, LEAST)
        wanted = min(max(math.ceil(busy * PER_PROCESSOR / STEP) * STEP, lowest), most)
        self.units = min(max(self.units, lowest), most)
        self._waited += seconds
        while self.units < wanted and self._waited >= USUAL["rds scale up"]:
            self._waited -= USUAL["rds scale up"]
            self.units = min(self.units + max(self.units // 2, STEP), wanted)
        while self.units > wanted and self._waited >= USUAL["rds scale down"]:
            self._waited -= USUAL["rds scale down"]
            self.units -= STEP
        if self.units == wanted:
            self._waited = 0.0
        return self.units
