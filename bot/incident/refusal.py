"""How the rules say no: in one plain sentence for the person who asked."""


class Refused(Exception):
    """No, in one plain sentence that says what to do instead. It is no error.

    `field` names the form field it belongs beside; `ask` marks a question the person may answer with yes (sent again
    with `sure=True`).
    """

    def __init__(self, sentence: str, *, field: str = "", ask: bool = False) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field
        self.ask = ask
