"""A local AWS for people without an account, and for the tests: moto, extended where it differs from AWS.

It knows AWS only: nothing here imports the engine, the resources or the stack, and they import nothing from
here. `cloud.LocalCloud` is the way in; `docs/local-cloud.md` says what is emulated and what is not.
"""
