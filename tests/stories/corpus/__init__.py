"""Bad input, by the edge through which it comes; each case with what must come of it."""

from tests.stories.corpus.webhooks import SIGNATURES as SIGNATURES
from tests.stories.corpus.webhooks import bodies as bodies
from tests.stories.corpus.words import WORDS as WORDS
