"""The talk's live demo, played on the local AWS: the site is made, sleeps, wakes, stands a load, and goes."""
