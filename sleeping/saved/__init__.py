"""Pages that are answered from a copy while the database sleeps.

SavedPages stands before Waking and answers; Saving stands behind it, where there is a connection, and makes the
copies. A change that is committed starts a new generation, and only a copy of the present one is as good as a page
that is made anew. See docs/saved-pages.md.
"""
