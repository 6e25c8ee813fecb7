"""A load of visitors on an address, and whether the site stood it."""
