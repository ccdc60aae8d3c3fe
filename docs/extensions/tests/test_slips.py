"""What a page should not show is found, what it may show is passed by."""

from pathlib import Path

import pytest

from docs.extensions.slips import RULES, main, slips

SLIPS = [
    ("<p>See [the bus](bus.md).</p>", "a link or an image that is none"),
    ("<p>See [the bus][bus].</p>", "a link or an image that is none"),
    ("<p>As he said.[^1]</p>", "a footnote that is none"),
    ("<p>Look:\n[include messagebus/bus.py#Bus]</p>", "a directive that nobody followed"),
    ("<p>[run shelf]</p>", "a directive that nobody followed"),
    ("<p>[red]</p>", "a directive that nobody followed"),
    ("<p>::: messagebus.Bus</p>", "a directive that nobody followed"),
    ("<p>It is **never lost.</p>", "bold that is not"),
    ("<p>**<code>bus</code>** sends.</p>", "bold that is not"),
    ("<td>*13 lines*</td>", "italics that are none"),
    ("<p>The `bus sends.</p>", "a backtick"),
    ("<p>~~~ python</p>", "a fence"),
    ('<p>!!! note "Mind"</p>', "a panel that is none"),
    ('<li>??? tip "An answer"</li>', "a panel that is none"),
    ("<p>So it is.\n{ .lead }</p>", "an attribute list"),
    ("<h2>The bus {#bus}</h2>", "an attribute list"),
    ("<p>{: data-search-exclude=true }</p>", "an attribute list"),
    ("<p>And:\n## The bus</p>", "a heading that is none"),
    ("<p>Figures:\n| 1 | 2 |</p>", "a row of a table that is none"),
    ("<p>Three things:\n- the bus</p>", "a list that is none"),
    ("<p>So:\nbus = MessageBus()</p>", "code as prose"),
    ("<p>@bus.on(Event)</p>", "code as prose"),
    ("<p>One&lt;br&gt;two</p>", "HTML as text"),
    ("<p>a &amp;lt; b</p>", "an entity as text"),
    ("<p>a &amp;#35; b</p>", "an entity as text"),
    ("<td>None</td>", "nothing, said as something"),
    ("<td> undefined\n</td>", "nothing, said as something"),
    ("<p>In messagebus/<strong>init</strong>.py</p>", "a file's name without its underscores"),
    ("<title>The **bus</title>", "bold that is not"),
]
CLEAN = [
    "<p>See <a href='bus/'>the bus</a> [sic], 3 * 4 * 5, R&amp;D costs &lt; 5 &amp; more.</p>",
    "<pre><code>[red]\n`a` **b** &amp;lt; {.c}</code></pre>",
    "<p>Write <code>[red]</code>, <code>**kwargs</code> and <code>`</code>.</p>",
    "<script>let a = `**b**`</script><style>a { .b }</style>",
    "<td><code>None</code></td><td>None of them</td><td></td>",
    "<p>messagebus/__init__.py · new; test-main.py, domain.py</p>",
    "<p>The bus - and only it - sends. Why? !</p>",
]


@pytest.mark.parametrize(("html", "rule"), SLIPS)
def test_a_slip_is_found_and_named(html: str, rule: str) -> None:
    assert [slip.rule for slip in slips(html)] == [rule]


def test_each_rule_has_a_slip() -> None:
    assert {rule for _, rule in SLIPS} == set(RULES)


@pytest.mark.parametrize("html", CLEAN)
def test_code_and_plain_sentences_are_no_slip(html: str) -> None:
    assert list(slips(html)) == []


def test_a_slip_is_told_with_the_words_around_it() -> None:
    (slip,) = slips(f"<p>{'far ' * 20}before [the bus](bus.md) behind{' far' * 20}</p>")
    assert "before [the bus](bus.md) behind" in slip.words
    assert slip.words.startswith("…")
    assert len(slip.words) < 100


def test_a_short_line_is_told_with_the_one_before() -> None:
    assert [slip.words for slip in slips("<td>Default</td><td>None</td>")] == ["Default / None"]


def test_a_site_with_a_slip_is_refused_by_the_page_s_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "bus" / "index.html"
    page.parent.mkdir()
    page.write_text("<p>All right.</p>")
    assert main([str(tmp_path)]) == 0

    page.write_text("<p>All **right.</p>")
    assert main([str(tmp_path)]) == 1
    assert "bus/index.html: bold that is not: All **right." in capsys.readouterr().out


def test_a_site_without_a_page_is_refused(tmp_path: Path) -> None:
    assert main([str(tmp_path)]) == 1
