"""What can go wrong with the store."""


class StoreError(Exception):
    """The store can't do it; ``str()`` is a sentence for people. Nothing was written."""


class StoreOpenError(StoreError):
    """The store can't be opened: the state directory, its permissions, or the schema's version."""
