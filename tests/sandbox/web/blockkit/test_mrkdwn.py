"""mrkdwn is read as Slack reads it.

https://docs.slack.dev/messaging/formatting-message-text
"""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.slack import seed
from bot.sandbox.web.blockkit.mrkdwn import mrkdwn, plain
from tests.sandbox.web.blockkit.looking import URL, Page, through

OUT = 'target="_blank" rel="noopener noreferrer"'


def emoji(char: str, name: str, written: str | None = None) -> str:
    label = name.replace("_", " ")
    return f'<span class="emoji" role="img" aria-label="{label}" title="{written or f":{name}:"}">{char}</span>'


def mention(words: str) -> str:
    return f'<span class="mention">{words}</span>'


def mine(words: str) -> str:
    return f'<span class="mention mine">{words}</span>'


def outside(address: str, words: str | None = None) -> str:
    return f'<a href="{address}" {OUT}>{words or address}</a>'


CASES = {
    # Emphasis.
    "bold": ("*a b*", "<strong>a b</strong>"),
    "italic": ("_a b_", "<em>a b</em>"),
    "struck": ("~a b~", "<s>a b</s>"),
    "all three": ("*a* _b_ ~c~", "<strong>a</strong> <em>b</em> <s>c</s>"),
    "italic within bold": ("*a _b_ c*", "<strong>a <em>b</em> c</strong>"),
    "three deep": ("*_~a~_*", "<strong><em><s>a</s></em></strong>"),
    "marks that cross": ("*a _b* c_", "<strong>a _b</strong> c_"),
    "in brackets": ("(*a*) [_b_]", "(<strong>a</strong>) [<em>b</em>]"),
    "before punctuation": ("*a*, *b*. *c*!", "<strong>a</strong>, <strong>b</strong>. <strong>c</strong>!"),
    "in quotation marks": ('"*a*"', "&#34;<strong>a</strong>&#34;"),
    "side by side": ("*a*_b_", "<strong>a</strong><em>b</em>"),
    "not within a word": ("snake_case_name 2*3*4", "snake_case_name 2*3*4"),
    "not where a word goes on": ("*a*b", "*a*b"),
    "not around spaces": ("2 * 3 * 4", "2 * 3 * 4"),
    "not over lines": ("*a\nb*", "*a<br>b*"),
    "not doubled": ("**a** __b__", "**a** __b__"),
    "a mark alone": ("* _ ~", "* _ ~"),
    "a list by hand": ("* one\n* two", "* one<br>* two"),
    "around a mention": ("*<@U0BO000001>*", f"<strong>{mention('@Bo Lind')}</strong>"),
    "around code": ("*`a*`*", "<strong><code>a*</code></strong>"),
    "around an emoji": ("_:fire:_", f"<em>{emoji('🔥', 'fire')}</em>"),
    "after an entity": ("&gt;*a*", "<blockquote><strong>a</strong></blockquote>"),
    # Code.
    "code": ("a `b c` d", "a <code>b c</code> d"),
    "code with entities": ("`&lt;a&gt; &amp;amp;`", "<code>&lt;a&gt; &amp;amp;</code>"),
    "no emphasis in code": ("`*a* :fire:`", "<code>*a* :fire:</code>"),
    "a name in code": ("`<@U0BO000001>`", f"<code>{mention('@Bo Lind')}</code>"),
    "code that is not closed": ("a `b", "a `b"),
    "a fence": ("```a\nb```", "<pre><code>a\nb</code></pre>"),
    "a fence on lines of its own": ("x\n```\na\n```\ny", "x<pre><code>a</code></pre>y"),
    "a fence knows no language": ("```python\nx = 1```", "<pre><code>python\nx = 1</code></pre>"),
    "no quote in a fence": ("```\n&gt; a\n&gt;&gt;&gt; b\n```", "<pre><code>&gt; a\n&gt;&gt;&gt; b</code></pre>"),
    "a fence that is not closed": ("```a *b*", "```a <strong>b</strong>"),
    # Quotes.
    "a quote": ("&gt; a", "<blockquote>a</blockquote>"),
    "a quote of lines": ("x\n&gt; a\n&gt;b\ny", "x<blockquote>a<br>b</blockquote>y"),
    "a quote with the sign itself": ("> a", "<blockquote>a</blockquote>"),
    "a quote of all the rest": ("x\n&gt;&gt;&gt; a\n\nb", "x<br><blockquote>a<br><br>b</blockquote>"),
    "no quote within a line": ("a &gt; b", "a &gt; b"),
    "emphasis in a quote": ("&gt; *a*", "<blockquote><strong>a</strong></blockquote>"),
    # People, groups, channels.
    "somebody": ("<@U0BO000001>", mention("@Bo Lind")),
    "somebody with a label": ("<@U0BO000001|bo>", mention("@Bo Lind")),
    "the reader": ("<@U0ADA00001>", mine("@Ada Marsh")),
    "nobody known": ("<@U0NOBODY00>", mention("@U0NOBODY00")),
    "a group of the reader": ("<!subteam^S0SRE00001>", mine("@sre")),
    "another group": ("<!subteam^S0PAYMENTS|@x>", mention("@payments")),
    "a channel": ("<#C0OPS00001|x>", '<a class="mention" href="/as/ada/c/C0OPS00001">#ops</a>'),
    "a channel one may not know": ("<#C0SECRET01|secret>", mention("private channel")),
    "all who are here": ("<!here>", mine("@here")),
    "all in the channel": ("<!channel|channel>", mine("@channel")),
    "everyone": ("<!everyone>", mine("@everyone")),
    "a command with a label": ("<!someday|words>", "words"),
    "a command without": ("<!someday>", "&lt;!someday&gt;"),
    # Links.
    "a link": ("<https://a.example/b?c=1&amp;d=2>", outside("https://a.example/b?c=1&amp;d=2")),
    "a link with a label": ("<https://a.example|the *run*book>", outside("https://a.example", "the *run*book")),
    "a label with an entity": ("<https://a.example|a &lt; b>", outside("https://a.example", "a &lt; b")),
    "mail": ("<mailto:a@b.example|write>", outside("mailto:a@b.example", "write")),
    "mail without a label": ("<mailto:a@b.example>", outside("mailto:a@b.example", "a@b.example")),
    "no script": ("<javascript:alert(1)|press>", '<span title="javascript:alert(1)">press</span>'),
    "a bare link": ("see https://a.example/b.", f"see {outside('https://a.example/b')}."),
    "in brackets too": ("(https://a.example/b), x", f"({outside('https://a.example/b')}), x"),
    "a bracket of its own": ("https://a.example/b_(c)", outside("https://a.example/b_(c)")),
    "a bold bare link": ("*https://a.example/b_c_d*", f"<strong>{outside('https://a.example/b_c_d')}</strong>"),
    "a bare link before a sign": ("&lt;https://a.example&gt;", f"&lt;{outside('https://a.example')}&gt;"),
    "a message of ours": (
        "<https://sandbox.slack.com/archives/C0OPS00001/p1795345200000100|there>",
        '<a href="/as/ada/c/C0OPS00001?at=1795345200.000100">there</a>',
    ),
    "an incident of ours": (f"<{URL}/pagerduty/web/incidents/P1|it>", '<a href="/as/ada/pager/P1">it</a>'),
    # Emoji.
    "an emoji": (":tada:", emoji("🎉", "tada")),
    "a name of Slack's own": (":flag-de:", emoji("🇩🇪", "flag-de")),
    "a skin tone": (":wave::skin-tone-4:", emoji("👋🏽", "wave", ":wave::skin-tone-4:")),
    "a skin tone in a sequence": (
        ":male-detective::skin-tone-2:",
        emoji("🕵🏻‍♂️", "male-detective", ":male-detective::skin-tone-2:"),
    ),
    "two emoji": (":fire::tada:", emoji("🔥", "fire") + emoji("🎉", "tada")),
    "an unknown name": (":our-logo:", ":our-logo:"),
    "a time of day": ("12:30:45", "12:30:45"),
    "an emoji after an unknown name": ("at 12:30:fire:", f"at 12:30{emoji('🔥', 'fire')}"),
    "an emoji in a label": ("<https://a.example|:fire: x>", outside("https://a.example", emoji("🔥", "fire") + " x")),
    "emoji as they are": ("👩‍👩‍👧 🏳️‍🌈", "👩‍👩‍👧 🏳️‍🌈"),
    # What is broken, and what looks otherwise.
    "a token that is not closed": ("<@U0BO000001", "&lt;@U0BO000001"),
    "an empty token": ("<>", "&lt;&gt;"),
    "words in a token": ("<b>x</b>", "&lt;b&gt;x&lt;/b&gt;"),
    "an entity of an entity": ("&amp;lt;b&amp;gt;", "&amp;lt;b&amp;gt;"),
    "from right to left": ("*مهم* جدا", "<strong>مهم</strong> جدا"),
    "nothing": ("", ""),
}


@pytest.mark.parametrize(("words", "html"), CASES.values(), ids=CASES.keys())
def test_words_are_read_as_slack_reads_them(words: str, html: str) -> None:
    eyes = through()
    eyes.workspace.channels["C0SECRET01"] = eyes.workspace.channels[seed.OPS].__class__(
        "C0SECRET01", "secret", seed.BO, 0, is_private=True, members={seed.BO: None}
    )
    assert mrkdwn(words, eyes) == html


def test_verbatim_words_hold_no_links_of_their_own() -> None:
    assert mrkdwn("https://a.example <https://b.example>", through(), finds_links=False) == (
        f"https://a.example {outside('https://b.example')}"
    )


def test_plain_words_know_emoji_and_lines_only() -> None:
    assert plain("*a* <@U0BO000001>\n:fire:") == f"*a* &lt;@U0BO000001&gt;<br>{emoji('🔥', 'fire')}"
    assert plain(":fire:", has_emoji=False) == ":fire:"


@given(st.text(st.sampled_from("*_~`<>|&;:@#! \nabU0\"'()-/")))
def test_no_words_break_out_and_all_that_is_open_is_closed(words: str) -> None:
    page = Page(mrkdwn(words, through()))
    assert page.open == []
    assert {tag for tag, _ in page.elements} <= {"strong", "em", "s", "code", "pre", "blockquote", "br", "a", "span"}
    assert all(set(its) <= {"class", "href", "title", "target", "rel"} for _, its in page.elements)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r\n*_~`<>&:")))
def test_words_without_marks_stay_as_they_are(words: str) -> None:
    assert Page(mrkdwn(words, through(), finds_links=False)).words == words


@pytest.mark.parametrize("piece", ["*a ", "_a", "<a", "https://", "https://a).", ")", "&gt;", "&gt;&gt;&gt;\n"])
def test_thousands_of_marks_are_read_at_once(piece: str) -> None:
    eyes, began = through(), time.process_time()
    mrkdwn(piece * (40_000 // len(piece)), eyes)
    assert time.process_time() - began < 2
