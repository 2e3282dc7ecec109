from __future__ import annotations

from encodings import aliases

import pytest

from crawler.text.charset import decode

TEXTS = {
    "ja": "日本の首相は大統領と会談した。これは文字コードの検査のための文章です。カタカナも含まれています。",
    "ar": "مرحبا بالعالم هذا نص تجريبي لاختبار الترميز في الصفحات العربية القديمة",
    "ko": "이 문장은 문자 부호화를 시험하기 위해 쓴 것이다. 오래된 신문사 누리집은 아직 이렇게 쓴다.",
    "zh": "这是一段用来测试字符编码的文字，许多旧的新闻网站仍然这样编码它们的网页。",
    "ru": "Этот текст написан для проверки кодировок, которыми пользовались старые сайты газет.",
    "fr": "Ce texte a été écrit pour vérifier l’encodage des vieilles pages d’un journal français.",
    "am": "ይህ ጽሑፍ የድሮ ድረ-ገጾችን ኢንኮዲንግ ለመፈተሽ የተጻፈ ነው።",
}
ENCODINGS = [
    ("ja", "shift_jis"),
    ("ja", "euc_jp"),
    ("ja", "iso2022_jp"),
    ("ar", "cp1256"),
    ("ko", "euc_kr"),
    ("zh", "gb18030"),
    ("ru", "cp1251"),
    ("ru", "koi8-r"),
    ("fr", "cp1252"),
    ("am", "utf-8"),
    ("am", "utf-16-le"),
    ("ja", "utf-16-be"),
]


def page(text: str, meta: str = "") -> str:
    return f"<!doctype html><html><head>{meta}<title>{text[:20]}</title></head><body><p>{text}</p></body></html>"


@pytest.mark.parametrize(("language", "encoding"), ENCODINGS)
def test_charset_of_the_header(language: str, encoding: str) -> None:
    html = page(TEXTS[language])
    assert decode(html.encode(encoding), f"text/html; charset={encoding}").text == html


@pytest.mark.parametrize(("language", "encoding"), ENCODINGS)
def test_charset_of_the_page(language: str, encoding: str) -> None:
    html = page(TEXTS[language], f'<meta charset="{encoding}">')
    assert decode(html.encode(encoding), "text/html").text == html


@pytest.mark.parametrize(("language", "encoding"), ENCODINGS)
def test_no_charset_at_all(language: str, encoding: str) -> None:
    html = page(TEXTS[language])
    assert decode(html.encode(encoding)).text == html


@pytest.mark.parametrize("wrong", ["utf-8", "iso-8859-1", "no-such-charset"])
@pytest.mark.parametrize(("language", "encoding"), ENCODINGS)
def test_wrong_charset(language: str, encoding: str, wrong: str) -> None:
    html = page(TEXTS[language])
    assert decode(html.encode(encoding), f"text/html; charset={wrong}").text == html


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_outranks_all(encoding: str) -> None:
    html = page(TEXTS["ja"])
    assert decode(html.encode(encoding), "text/html; charset=windows-1252").text == html


def test_a_stray_byte_does_not_turn_the_page() -> None:
    html = page(TEXTS["am"] * 5).encode()
    broken = html.replace("ነው".encode(), "ነው".encode() + b"\xff", 1)
    assert decode(broken, "text/html; charset=utf-8").text == page(TEXTS["am"] * 5).replace("ነው", "ነው\ufffd", 1)


@pytest.mark.parametrize("body", [b"", b"\xff", b"\x00" * 64, b"\xff\xfe", bytes(range(256)) * 4])
def test_never_fails(body: bytes) -> None:
    assert isinstance(decode(body, "text/html; charset=utf-16").text, str)


@pytest.mark.parametrize("name", sorted({*aliases.aliases.values(), *aliases.aliases, "idna", "undefined"}))
def test_whatever_is_called_a_charset_gives_text(name: str) -> None:
    for body in (b"<p>hello \\ud83d</p>", b"<p>h\xe9llo \xff\xfe</p>" * 3, f"<meta charset={name}>\\ud83d".encode()):
        assert decode(body, f"text/html; charset={name}").text.encode()


@pytest.mark.parametrize("content_type", ["text/html; charset=utf-8", None])
def test_a_stray_byte_does_not_undo_a_declared_utf_8(content_type: str | None) -> None:
    html = page("Bei ya gesi\xa0imepanda tena.", '<meta charset="utf-8"><meta name="description" content="Bei †">')
    assert decode(html.encode().replace("†".encode(), b"\xe2\x80"), content_type).text == html.replace("†", "\ufffd")
