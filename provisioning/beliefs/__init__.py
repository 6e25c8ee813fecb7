"""What the project relies on and nobody here could look at: each belief with its source, and how it is tried.

`manage.py verify_aws` runs one environment through its life on a real account and asks each of them in turn. They
stand here by subject, in the order in which they are tried; docs/beliefs.md is made from them.
"""

from ..engine.problem import Problem
from . import account, apprunner, database, deployments, network, operations, pause, rights, scaling, storage
from .belief import Belief

BY_SUBJECT: dict[str, tuple[Belief, ...]] = {
    "App Runner's door": account.BELIEFS,
    "Rights and tags": rights.BELIEFS,
    "Storage": storage.BELIEFS,
    "App Runner": apprunner.BELIEFS,
    "App Runner at work": (*deployments.BELIEFS, *scaling.BELIEFS),
    "The operations function": operations.BELIEFS,
    "The network": network.BELIEFS,
    "The database, awake": database.BELIEFS,
    "The database, asleep": pause.BELIEFS,
}
ALL = tuple(belief for beliefs in BY_SUBJECT.values() for belief in beliefs)


def chosen(ids: list[str]) -> tuple[Belief, ...]:
    """Those, or all. Raises Problem for one that there is not, or that nothing can try."""
    known = {belief.id: belief for belief in ALL}
    for each in ids:
        if each not in known:
            raise Problem(f'--only is "{each}"', "There is no such belief", "`verify_aws --list` shows them all")
        if known[each].attempt is None:
            raise Problem(f'--only is "{each}"', f"Nothing tries it: {known[each].not_tried}", "Name another")
    return tuple(known[each] for each in ids) or ALL
