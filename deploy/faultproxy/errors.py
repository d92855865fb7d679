"""What the API answers when it refuses: the original's words and status codes."""


class ApiError(Exception):
    """Answered as `{"error": words, "status": number}`."""

    status = 500

    def shown(self) -> dict[str, object]:
        return {"error": str(self), "status": self.status}


class BadRequestError(ApiError):
    """The body is no JSON, or does not fit; names the field."""

    status = 400

    def __init__(self, why: str) -> None:
        super().__init__(f"bad request body: {why}")


class MissingFieldError(ApiError):
    status = 400

    def __init__(self, field: str) -> None:
        super().__init__(f"missing required field: {field}")


class InvalidStreamError(ApiError):
    status = 400

    def __init__(self) -> None:
        super().__init__("stream was invalid, can be either upstream or downstream")


class InvalidToxicTypeError(ApiError):
    status = 400

    def __init__(self) -> None:
        super().__init__("invalid toxic type")


class ProxyNotFoundError(ApiError):
    status = 404

    def __init__(self) -> None:
        super().__init__("proxy not found")


class ProxyExistsError(ApiError):
    status = 409

    def __init__(self) -> None:
        super().__init__("proxy already exists")


class ToxicNotFoundError(ApiError):
    status = 404

    def __init__(self) -> None:
        super().__init__("toxic not found")


class ToxicExistsError(ApiError):
    status = 409

    def __init__(self) -> None:
        super().__init__("toxic already exists")


class ListenError(ApiError):
    """The address cannot be listened on; as in the original a failure of the server."""
