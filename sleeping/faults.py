"""What a storage raises when it fails."""

import sys


def faults() -> tuple[type[Exception], ...]:
    """The system's errors, and those of Amazon's library once a storage has loaded it."""
    botocore = sys.modules.get("botocore.exceptions")
    return (OSError, botocore.BotoCoreError, botocore.ClientError) if botocore else (OSError,)
