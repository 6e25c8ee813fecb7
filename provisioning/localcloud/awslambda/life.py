"""What happens to functions while time passes."""

from ..ec2.interfaces import Interfaces
from ..ground import ground, lasting
from ..iam import allows, find_role
from .function import Function
from .invocations import Invocations


@lasting
def create(function: Function) -> None:
    say(function, "creating")
    timer = ground().clock.timer("lambda create")
    if not function.interfaces:  # or the cloud was stopped meanwhile
        connect(function)
    timer.rest()
    function.state, function.update = "Active", "Successful"
    say(function, "active")


@lasting
def update(function: Function) -> None:
    say(function, "updating")
    ground().clock.timer("lambda update").rest()
    function.update = "Successful"
    say(function, "updated")


@lasting
def delete(function: Function, invocations: Invocations) -> None:
    """The function is gone at once; what it had in the VPC stays for a while."""
    invocations.retire()
    say(function, "deleted")
    release(function, function.interfaces)


def move(function: Function) -> None:
    """Into other subnets, or out of the VPC."""
    ground().begin(release, function, function.interfaces)
    function.interfaces = Interfaces(function.account, function.region)
    connect(function)


def connect(function: Function) -> None:
    function.interfaces.make(
        function.settings.subnets,
        function.settings.groups,
        kind="lambda",
        description=f"AWS Lambda VPC ENI-{function.name}-{function.revision}",
    )


@lasting
def release(function: Function, interfaces: Interfaces) -> None:
    """Lambda deletes them with the rights of the function's role: once that is gone they stay.

    Met by users of Terraform (terraform-provider-aws#9495), who had deleted both at once.
    """
    if not interfaces:
        return
    clock = ground().clock
    clock.timer("lambda release interfaces").rest()
    told = False
    while not may_delete(function):
        if not told:
            say(function, "its network interfaces stay, for its role may not delete them")
            told = True
        clock.sleep(0.2)
    interfaces.release()
    say(function, "its network interfaces are gone")


def may_delete(function: Function) -> bool:
    role = find_role(function.settings.role)
    to = f"arn:aws:ec2:{function.region}:{function.account}:network-interface/*"
    return role is not None and allows(role, "ec2:DeleteNetworkInterface", to)


def say(function: Function, what: str) -> None:
    ground().say(f"function {function.name}: {what}")
