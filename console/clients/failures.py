"""What can go wrong between the console and its sources, in words fit for a page."""


class SourceError(Exception):
    """A source did not give what was asked; the message is a sentence for the operator."""


class SourceAwayError(SourceError):
    """Nothing answered at the source's address, or it answered as a broken server does."""


class NotReachedError(SourceAwayError):
    """No connection came about: whatever was to be asked for was never heard of."""


class SignedOutError(SourceError):
    """The control service knows nobody by this cookie: not signed in, or no longer."""


class RefusedError(SourceError):
    """A guard said no; the message is the guard's reason."""


class RejectedError(SourceError):
    """The source understood the request and would not do it (unknown name, bad value)."""


# After these nothing was changed; after any other nobody can say.
NOTHING_CHANGED = (NotReachedError, SignedOutError, RefusedError, RejectedError)
