"""What can go wrong in search, told apart by who can do something about it."""


class SearchError(Exception):
    """Base of all errors of this package.

    `code` is a stable name for the edge to translate; `params` are its values.
    """

    code = "search_failed"

    def __init__(self, message: str = "", **params: int | str) -> None:
        super().__init__(message or self.code)
        self.params = params


class QueryTooLong(SearchError):
    """The typed text is longer than allowed; `params` hold `limit` and `length`."""

    code = "query_too_long"


class EngineUnavailable(SearchError):
    """The engine cannot be reached or cannot write now; the same call may succeed later."""

    code = "engine_unavailable"


class EngineOutdated(SearchError):
    """The stored index was made by another analysis or layout and must be rebuilt first."""

    code = "engine_outdated"


class RebuildRunning(SearchError):
    """Another process is rebuilding the index at this moment."""

    code = "rebuild_running"


class DocumentRefused(SearchError):
    """The engine will never take this document as it is; others are not concerned."""

    code = "document_refused"
