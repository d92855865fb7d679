"""Why an activity of a drill was not done, as the verdict tells it."""


class ActivityError(Exception):
    """An activity was not done; the message says why in words for the verdict."""


class RefusedError(ActivityError):
    """A guard inside an activity refused; nothing was done."""


class AbortedError(ActivityError):
    """The drill is being aborted, so the activity was not done or not finished."""


class SkippedError(ActivityError):
    """An action before this step of the method was not done, so neither is this step."""


class NotRecoveredError(ActivityError):
    """What the fault took away did not come back in time."""


class NotSpentError(ActivityError):
    """A fault did in its time less than it was made for, so that its signals prove nothing."""


class BlindError(ActivityError):
    """What the activity should have looked at could not be seen."""


class NoSampleError(BlindError):
    """There is no sample of that time: the gateway was not up yet, or was not scraped."""
