"""How Slack words what goes wrong on its side."""

from bot.sandbox.wire import Answer, answer, text_answer


class SlackDialect:
    """The answers of an overloaded, a broken and a refusing Slack."""

    def rate_limited(self, retry_after: float) -> Answer:
        return answer({"ok": False, "error": "ratelimited"}, 429, "429", retry_after=f"{retry_after:g}")

    def broken(self, status: int) -> Answer:
        return text_answer("<html><body>Service unavailable</body></html>", status, str(status))

    def error(self, code: str) -> Answer:
        return answer({"ok": False, "error": code}, outcome=code)
