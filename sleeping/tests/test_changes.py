"""What counts as a change that visitors see."""

from django.db import DEFAULT_DB_ALIAS, connections

from sleeping.saved.changes import notice, watch


def test_a_connection_is_watched_for_as_long_as_it_lasts_whatever_is_around_its_making():
    connection = connections.create_connection(DEFAULT_DB_ALIAS)
    with connection.execute_wrapper(lambda execute, *rest: execute(*rest)):
        watch(connection)
    assert connection.execute_wrappers == [notice]
    watch(connection)
    assert connection.execute_wrappers == [notice]
