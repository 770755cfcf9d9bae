"""What a verb of the command line ends with when it cannot do what was asked."""


class Problem(Exception):
    """Plain sentences, each saying what to do, and the exit code: 1 it did not work, 2 it was asked wrongly."""

    def __init__(self, *sentences: str, code: int = 1) -> None:
        super().__init__(*sentences)
        self.sentences = sentences
        self.code = code
