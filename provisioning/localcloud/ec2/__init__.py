"""The network as AWS guards it: interfaces that services keep, and deletions that depend on them."""
