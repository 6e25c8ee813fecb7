"""Says that it did what it was asked to."""

import sys

SAYS = {
    "migrate": "  Applying tiny.0001_initial... OK",
    "ensure_superuser": "Superuser admin is number 1, and has no password yet.",
    "echo": " ".join(sys.argv[2:]),
}
command = sys.argv[1]
if command == "fail":
    sys.exit("it was asked to fail")
if command == "ask":
    input("What? ")
print(SAYS.get(command, f"{command}: done"))
