"""How to get from what AWS has to what a site needs: find, decide, do, look again.

A resource says how it is found, made, changed and removed (`resource`). Its fields hold the resources it
needs, so a graph can be read off them (`graph`). A plan finds each one and decides what to do (`plan`). One
loop does it, and looks until AWS reports what was wanted (`run`), telling what happens as it goes (`events`).

Nothing in here knows an AWS service or a site, and there is no state file: what AWS reports is the state.
"""
