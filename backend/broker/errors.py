"""How the broker fails, for those who may not know pika."""


class BrokerError(Exception):
    """The broker did not do what was asked; the message says what and why."""


class BrokerUnavailableError(BrokerError):
    """No connection could be opened: nothing listens, it starts up, or it refused us."""


class LinkLostError(BrokerError):
    """The connection or its channel closed; what was unconfirmed may or may not be there."""
