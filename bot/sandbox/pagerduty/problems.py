"""How PagerDuty refuses: a status, a code of its own, a sentence, and the particulars.

Source: the "Errors" page of PagerDuty's REST API documentation.
"""


class Problem(Exception):
    """A refusal, as the REST API words it: `{"error": {"message", "code", "errors"}}`."""

    def __init__(self, status: int, code: int, message: str, *errors: str) -> None:
        super().__init__(f"{message} {'; '.join(errors)}".strip())
        self.status, self.code, self.message, self.errors = status, code, message, list(errors)

    def to_json(self) -> dict[str, object]:
        error: dict[str, object] = {"message": self.message, "code": self.code}
        return {"error": {**error, "errors": self.errors} if self.errors else error}


def not_found(what: str = "") -> Problem:
    return Problem(404, 2100, "Not Found", *([what] if what else []))


def invalid(*errors: str) -> Problem:
    return Problem(400, 2001, "Invalid Input Provided", *errors)


def bad_argument(*errors: str) -> Problem:
    return Problem(400, 2002, "Arguments Caused Error", *errors)
