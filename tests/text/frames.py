"""The seed documents in pages whose frame is hard to tell from the story: one shell, and where its parts stand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape

from tests.text.structures import Story

SITE = "All the News"
MENU = '<nav><ul><li><a href="/sw">Kiswahili</a></li><li><a href="/ko">한국어</a></li></ul></nav>'
HEADER = f"<header><a href=/>{SITE}</a>{MENU}</header>"
FOOTER = f"<footer><p>© {SITE}</p></footer>"


@dataclass(frozen=True, slots=True)
class Pieces:
    """A seed document as HTML, in the pieces that a frame is built around."""

    title: str
    figure: str
    headline: str
    credit: str
    """Paragraphs shorter than a sentence, which stand under the headline in some documents."""
    body: str
    cards: tuple[str, ...]
    """The related heading, then the cards."""
    spacers: str
    cookie: str

    @property
    def head(self) -> str:
        return self.figure + self.headline + self.credit

    @property
    def related(self) -> str:
        return "".join(self.cards)

    @property
    def story(self) -> str:
        return self.head + self.body

    def card_elements(self, before: str, after: str) -> str:
        """The cards, each between the same tags."""
        return "".join(self.cards[:1]) + "".join(before + card + after for card in self.cards[1:])


def _figure(alt: str | None, credit: str | None) -> str:
    caption = f"<figcaption>{escape(credit)}</figcaption>" if credit else ""
    return f'<figure><img src=i alt="{escape(alt)}">{caption}</figure>' if alt else ""


def _paragraphs(texts: tuple[str, ...]) -> str:
    return "".join(f"<p>{escape(one)}</p>" for one in texts)


def _cards(story: Story) -> tuple[str, ...]:
    if not story.heading or not story.card:
        return ()
    alt, credit, title, byline, summary = story.card
    link = f'<h3><a href="/x/articles/a">{escape(title)}</a></h3>'
    first = _figure(alt, credit) + link + _paragraphs((byline, summary))
    return (f"<h2>{escape(story.heading)}</h2>", first, *(_paragraphs((one,)) for one in story.plain))


def pieces(story: Story) -> Pieces:
    short = len(story.body[0]) < 40
    return Pieces(
        title=escape(story.title),
        figure=_figure(story.alt, story.credit),
        headline=f"<h1>{escape(story.title)}</h1>",
        credit=_paragraphs(story.body[:1]) if short else "",
        body=_paragraphs(story.body[1:] if short else story.body),
        cards=_cards(story),
        spacers="<p>&nbsp;</p>" * story.spacers,
        cookie=f"<h2>{escape(story.cookie[0])}</h2>"
        + "".join(f"<div>{escape(one)}</div>" for one in story.cookie[1:]),
    )


def _page(content: str, title: str, head: str = "") -> str:
    return f"<!doctype html><html><head><meta charset=utf-8><title>{title}</title>{head}</head><body>{content}</body>"


def _framed(content: str, p: Pieces) -> str:
    return _page(f"{HEADER}{content}{FOOTER}<div>{p.cookie}</div>", f"{p.title} | {SITE}")


def main_by_role(p: Pieces) -> str:
    return _framed(
        f"<div role=main><header>{p.head}</header>{p.body}<footer>{p.related}</footer>{p.spacers}</div>", p
    )


def article_by_role(p: Pieces) -> str:
    article = f"<div role=article><header>{p.head}</header>{p.body}<footer>{p.related}</footer></div>"
    return _framed(article + p.spacers, p)


def cards_in_footer_of_div(p: Pieces) -> str:
    footer = f"<footer>{p.related}</footer>" if p.cards else ""
    return _framed(f"<div><div>{p.story}</div>{footer}</div>{p.spacers}", p)


def cards_with_header_and_footer_in_divs(p: Pieces) -> str:
    cards = "".join(map(_divided, p.cards[1:]))
    return _framed(f"<div><div>{p.story}</div><div>{''.join(p.cards[:1])}{cards}</div>{p.spacers}</div>", p)


def _divided(card: str) -> str:
    top, heading, rest = card.rpartition("</h3>")
    header = f"<header>{top}{heading}</header>" if heading else ""
    return f"<div>{header}<footer>{rest}</footer></div>"


def cards_in_nav(p: Pieces) -> str:
    related = f"<nav>{p.related}</nav>" if p.cards else ""
    return _framed(f"<main><article>{p.story}</article>{related}{p.spacers}</main>", p)


def credit_in_footer(p: Pieces) -> str:
    credit = f"<footer>{p.credit}</footer>" if p.credit else ""
    cards = p.card_elements("<article>", "</article>")
    return _framed(
        f"<main><div>{p.figure}<header>{p.headline}</header>{credit}{p.body}</div>{cards}{p.spacers}</main>", p
    )


def hero_before_article(p: Pieces) -> str:
    """The story's header before its article; the title is but the site's."""
    main = (
        f"<main><header>{p.head}</header><article>{p.body}</article>{p.related}{p.spacers}<footer>c</footer></main>"
    )
    return _page(f"<header>News</header>{main}<div>{p.cookie}</div>", SITE)


def picture_in_header_before_article(p: Pieces) -> str:
    header = f"<header>{p.figure}</header>" if p.figure else ""
    article = f"<article>{p.headline}{p.credit}{p.body}</article>"
    return _framed(f"<main>{header}{article}{p.related}{p.spacers}</main>", p)


def header_in_div_under_strange_title(p: Pieces) -> str:
    content = f"{HEADER}<div><header>{p.head}</header>{p.body}{p.related}{p.spacers}</div>{FOOTER}"
    return _page(f"{content}<div>{p.cookie}</div>", "Habari")


def title_without_heading(p: Pieces) -> str:
    plain = p.headline.replace("h1>", "p>")
    return _framed(f"<div><header>{p.figure}{plain}{p.credit}</header>{p.body}{p.related}{p.spacers}</div>", p)


def site_name_in_h1(p: Pieces) -> str:
    header = f"<header><h1>{SITE}</h1>{MENU}</header>"
    content = f"{header}<main><article>{p.story}</article>{p.related}{p.spacers}</main>{FOOTER}"
    return _page(f"{content}<div>{p.cookie}</div>", f"{SITE} – {p.title}")


def site_name_in_h1_story_in_h2(p: Pieces) -> str:
    story = f"{p.figure}{p.headline.replace('h1>', 'h2>')}{p.credit}"
    content = f"<header><h1>{SITE}</h1></header><div><header>{story}</header>{p.body}{p.related}{p.spacers}</div>"
    head = f'<meta property="og:title" content="{p.title}">'
    return _page(f"{content}{FOOTER}<div>{p.cookie}</div>", SITE, head)


def site_name_in_every_title(p: Pieces) -> str:
    main = f"<main><header>{p.head}</header><article>{p.body}</article>{p.related}{p.spacers}</main>"
    head = f'<meta property="og:title" content="{SITE}"><link rel=canonical href="/x/articles/{_slug(p.title)}">'
    return _page(f"<header><h1>{SITE}</h1></header>{main}{FOOTER}<div>{p.cookie}</div>", SITE, head)


def section_around_everything(p: Pieces) -> str:
    story = f"<section><article>{p.story}</article>{p.related}</section>{p.spacers}"
    return _page(f"<section>{HEADER}{story}{FOOTER}</section>{p.cookie}", f"{p.title} | {SITE}")


def frame_in_main(p: Pieces) -> str:
    story = f"<section><header>{p.head}</header>{p.body}<footer>{p.related}</footer></section>"
    main = f"<main><header>News{MENU}</header>{story}{p.spacers}<footer>c</footer></main>"
    return _page(f"<div>{main}{p.cookie}</div>", f"{p.title} | {SITE}")


def frame_in_main_without_sections(p: Pieces) -> str:
    main = (
        f"<main>{HEADER}<div><header>{p.head}</header>{p.body}</div><div>{p.related}</div>{p.spacers}{FOOTER}</main>"
    )
    return _page(f"{main}{p.cookie}", f"{p.title} | {SITE}")


def frame_by_roles(p: Pieces) -> str:
    top = f"<div role=banner><a href=/>{SITE}</a></div><div role=navigation>{MENU}</div>"
    story = f"<div><div><header>{p.head}</header>{p.body}</div>{p.related}{p.spacers}</div>"
    return _page(f"{top}{story}<div role=contentinfo>c</div><div>{p.cookie}</div>", f"{p.title} | {SITE}")


def cookie_notice_with_header_and_footer(p: Pieces) -> str:
    heading, _, rest = p.cookie.partition("</h2>")
    text, _, refusal = rest.partition("</div>")
    notice = f"<div><header>{heading}</h2></header>{text}</div><footer>{refusal}</footer></div>"
    content = f"{HEADER}<main><article>{p.story}</article>{p.related}{p.spacers}</main>{FOOTER}"
    return _page(f"{content}{notice}", f"{p.title} | {SITE}")


def mega_menu(p: Pieces) -> str:
    teaser = (
        "<article><h3>Most read of all that was written here this week</h3><p>A teaser in the menu.</p></article>"
    )
    header = f"<header>{SITE}<nav>{MENU}{teaser}</nav>{teaser}</header>"
    content = f"{header}<main><article>{p.story}</article>{p.related}{p.spacers}</main>"
    return _page(f"{content}<footer>{teaser}</footer><div>{p.cookie}</div>", f"{p.title} | {SITE}")


def breadcrumbs_in_story(p: Pieces) -> str:
    crumbs = '<nav><a href="/">Home</a> › <a href="/x/tags/japan">Japan</a></nav>'
    return _framed(f"<div><header>{crumbs}{p.head}</header>{p.body}</div>{p.related}{p.spacers}", p)


def story_header_with_menu(p: Pieces) -> str:
    """What stands under the headline has a menu of its own: to share, to choose a language."""
    meta = f"<header>{p.credit}{MENU}</header>"
    main = f"<main>{p.figure}{p.headline}{meta}{p.body}{p.related}{p.spacers}</main>"
    return _framed(main, p)


def story_header_with_menu_in_div(p: Pieces) -> str:
    return story_header_with_menu(p).replace("<main>", "<div>").replace("</main>", "</div>")


def last_paragraph_in_footer(p: Pieces) -> str:
    body, _, last = p.body.rpartition("<p>")
    share = "<nav><a href=https://x.example/share>X</a></nav>"
    footer = f"<footer><p>{last}{share}</footer>"
    return _framed(f"<main>{p.head}{body}{footer}{p.related}{p.spacers}</main>", p)


def credit_links_to_a_short_path(p: Pieces) -> str:
    credit = p.credit.replace("<p>", "<p><a href=/ai>").replace("</p>", "</a></p>")
    return _framed(f"<main>{p.figure}{p.headline}<header>{credit}</header>{p.body}{p.related}{p.spacers}</main>", p)


def credit_links_to_another_site(p: Pieces) -> str:
    credit = p.credit.replace("<p>", "<p><a href=https://agency.example/>").replace("</p>", "</a></p>")
    story = f"<main>{p.figure}{p.headline}<header>{credit}</header>{p.body}{p.related}{p.spacers}</main>"
    return _framed(story, p).replace("<head>", "<head><link rel=canonical href=https://news.example/sw/a>")


def cookie_notice_as_banner(p: Pieces) -> str:
    return _framed(f"<main>{p.story}{p.related}{p.spacers}</main>", p).replace(
        f"<div>{p.cookie}</div>", f"<div role=banner>{p.cookie}</div>"
    )


def headline_in_header_under_an_older_title(p: Pieces) -> str:
    story = f"{p.figure}{p.headline.replace('h1>', 'h2>')}{p.credit}"
    content = f"{HEADER}<div><header>{story}</header>{p.body}{p.related}{p.spacers}</div>{FOOTER}"
    return _page(f"{content}<div>{p.cookie}</div>", f"What it was called before | {SITE}")


def footer_full_of_prose(p: Pieces) -> str:
    about = "<p>All the News tells what happens, in many languages, and has done so for years.</p>" * 9
    content = f"{HEADER}<main>{p.story}{p.related}{p.spacers}</main><footer role=contentinfo>{about}{MENU}</footer>"
    return _page(f"{content}<div>{p.cookie}</div>", f"{p.title} | {SITE}")


def korean_imprint(p: Pieces) -> str:
    imprint = "<p>(주)올더뉴스 서울특별시 종로구 | 등록번호 서울 아00000 | 발행·편집인 홍길동</p>" * 6
    footer = f"<footer>{imprint}<p>저작권자 ⓒ 올더뉴스, 무단 전재 및 재배포 금지</p></footer>"
    content = f"{HEADER}<main>{p.story}{p.related}{p.spacers}</main>{footer}"
    return _page(f"{content}<div>{p.cookie}</div>", f"{p.title} | {SITE}")


def frame_in_sections_of_its_own(p: Pieces) -> str:
    content = f"<section>{HEADER}</section><section><div>{p.story}</div>{p.related}{p.spacers}</section>"
    content += f"<section>{FOOTER}</section>"
    return _page(f"{content}<div>{p.cookie}</div>", f"{p.title} | {SITE}")


def plain_footer_before_a_notices_footer(p: Pieces) -> str:
    content = f"{HEADER}<main>{p.story}{p.related}{p.spacers}</main><footer>Stockholm</footer>"
    return _page(f"{content}<div>{p.cookie}<footer></footer></div>", f"{p.title} | {SITE}")


def two_footers(p: Pieces) -> str:
    content = f"{HEADER}<main>{p.story}{p.related}{p.spacers}</main>"
    content += f"<footer><h2>Newsletter</h2><p>Every morning</p></footer>{FOOTER}"
    return _page(f"{content}<div>{p.cookie}</div>", f"{p.title} | {SITE}")


def streamed(p: Pieces) -> str:
    """The story comes last, to be put into its place by a script."""
    content = f"{HEADER}<main><template id=B:0></template></main>{FOOTER}"
    content += f"<div hidden id=S:0>{p.story}{p.related}{p.spacers}</div>"
    return _page(f"{content}<div>{p.cookie}</div>", f"{p.title} | {SITE}")


def site_name_in_the_only_h1(p: Pieces) -> str:
    story = f"{p.figure}{p.headline.replace('h1>', 'h2>')}{p.credit}{p.body}"
    main = f"<main><header><h1><a href=/>{SITE}</a></h1>{MENU}</header><article>{story}</article>{p.related}"
    return _page(f"{main}{p.spacers}</main>{FOOTER}<div>{p.cookie}</div>", f"{p.title} | {SITE}")


def tagline_in_h1(p: Pieces) -> str:
    header = f"<header><h1>{SITE}, from everywhere</h1>{MENU}</header>"
    story = f"{p.figure}{p.headline.replace('h1>', 'h2>')}{p.credit}{p.body}"
    content = f"{header}<div><div>{story}</div>{p.related}{p.spacers}</div>{FOOTER}"
    return _page(f"{content}<div>{p.cookie}</div>", p.title)


def headline_again_in_the_sites_header(p: Pieces) -> str:
    header = f"<header><a href=/>{SITE}</a>{p.headline}{MENU}</header>"
    content = f"{header}<div><div>{p.story}</div>{p.related}{p.spacers}</div>{FOOTER}"
    return _page(f"{content}<div>{p.cookie}</div>", f"{p.title} | {SITE}")


def ways_to_other_stories(p: Pieces) -> str:
    before = "<a rel=prev href=/sw/articles/a>Previous: what was written the day before at more than some length</a>"
    after = "<a rel=next href=/sw/articles/b>Next: what was written the day after that, no less at length</a>"
    contents = '<nav><a href="#a">What the first part of this story tells, at some length</a></nav>'
    story = f"{p.head}{contents}{p.body}<nav>{before}{after}</nav>"
    return _framed(f"<main>{story}{p.related}{p.spacers}</main>", p)


def frame_by_lists_of_roles(p: Pieces) -> str:
    top = f'<div role="banner region">{SITE}</div>'
    content = f'{top}<main>{p.story}{p.related}{p.spacers}</main><div role="contentinfo region">c</div>'
    return _page(f"{content}<div>{p.cookie}</div>", f"{p.title} | {SITE}")


def menu_in_aside(p: Pieces) -> str:
    menu = f"<aside><header><a href=/>{SITE}</a></header>{MENU}</aside>"
    return _framed(f"{menu}<main>{p.story}{p.related}{p.spacers}</main>", p)


def logo_that_says_much(p: Pieces) -> str:
    logo = f'<img src=l alt="{SITE}: what happens in the world, in all its languages, each day of the year">'
    header = f'<header><a href="/index.html">{logo}</a></header>{MENU}'
    content = f"{header}<main>{p.story}{p.related}{p.spacers}</main>{FOOTER}"
    return _page(f"{content}<div>{p.cookie}</div>", f"{p.title} | {SITE}")


def _slug(title: str) -> str:
    return "-".join("".join(letter if letter.isalnum() else " " for letter in title.lower()).split())


FRAMES: dict[str, Callable[[Pieces], str]] = {
    frame.__name__: frame
    for frame in (
        main_by_role,
        article_by_role,
        cards_in_footer_of_div,
        cards_with_header_and_footer_in_divs,
        cards_in_nav,
        credit_in_footer,
        hero_before_article,
        picture_in_header_before_article,
        header_in_div_under_strange_title,
        title_without_heading,
        site_name_in_h1,
        site_name_in_h1_story_in_h2,
        site_name_in_every_title,
        section_around_everything,
        frame_in_main,
        frame_in_main_without_sections,
        frame_by_roles,
        cookie_notice_with_header_and_footer,
        mega_menu,
        breadcrumbs_in_story,
        story_header_with_menu,
        story_header_with_menu_in_div,
        last_paragraph_in_footer,
        credit_links_to_a_short_path,
        credit_links_to_another_site,
        cookie_notice_as_banner,
        headline_in_header_under_an_older_title,
        footer_full_of_prose,
        korean_imprint,
        frame_in_sections_of_its_own,
        plain_footer_before_a_notices_footer,
        two_footers,
        streamed,
        site_name_in_the_only_h1,
        tagline_in_h1,
        headline_again_in_the_sites_header,
        ways_to_other_stories,
        frame_by_lists_of_roles,
        menu_in_aside,
        logo_that_says_much,
    )
}
