"""The language of a text: by its commonest words, which no page can declare wrongly."""

from collections import Counter

from crawler.page import Page

WORDS = {
    "en": "the of and to in that is was for with as on by at from his it be are said has have not this but",
    "de": "der die und das den von ist mit sich des auf nicht ein eine im dem zu als auch für er sie es an",
    "fr": "le la les des et en du une un que est pour dans qui par sur pas au plus avec ce il ont sont",
    "es": "el la los las de que y en un una por con para del se es al lo como más su sus pero fue ha",
    "pt": "o os as de que e em um uma por com para do da dos das se é ao no na mais seu sua não foi",
    "it": "il la le gli di che e in un una per con del della dei si è al nel non più ha sono come anche",
    "nl": "de het een en van in is dat op te zijn met voor niet aan er die door om bij ook als naar",
    "af": "die en van is in het nie wat vir op met sy te dat aan ook hy was hulle om by uit deur",
    "sv": "och att det som en på är av för med den till ett inte har om var de han i från sig",
    "so": "iyo ka oo ku ee ay la in uu waa ayaa soo aan si waxaa loo kala laga sheegay isaga",
    "tr": "ve bir bu da de için ile olarak çok daha olan gibi ancak ise kadar sonra var olduğu",
    "pl": "i w na z się nie do to że jest o jak po co przez od dla ale za był są tym",
}
SCRIPTS = (
    ("ja", "\u3040", "\u30ff"),
    ("ko", "\uac00", "\ud7a3"),
    ("zh", "\u4e00", "\u9fff"),
    ("ru", "\u0400", "\u04ff"),
    ("ar", "\u0600", "\u06ff"),
    ("el", "\u0370", "\u03ff"),
    ("he", "\u0590", "\u05ff"),
    ("hi", "\u0900", "\u097f"),
)
#: Languages that a script alone does not tell apart; the page's word is taken among them.
SHARED = {
    "ru": ("uk", "bg", "sr", "mk", "be", "kk", "ky", "mn", "tg"),
    "ar": ("fa", "ur", "ps", "ckb", "ug"),
    "hi": ("mr", "ne"),
}
LAST_LATIN = "\u024f"
ENOUGH = 0.12  # of all words; running text has 25 to 45 % of these
SAMPLE = 4000  # characters are plenty
_LISTS = {language: frozenset(words.split()) for language, words in WORDS.items()}


def language_of(text: str, page: Page) -> str | None:
    """The text's language, BCP 47 primary tag; where the words do not tell, as the page declares."""
    declared = (page.tree.get("lang") or page.meta("og:locale") or "").replace("_", "-").split("-")[0].lower() or None
    sample = text[:SAMPLE]
    foreign = [c for c in sample if c > LAST_LATIN] if not sample.isascii() else []
    for language, first, last in SCRIPTS if len(foreign) > len(sample) * ENOUGH else ():
        if sum(first <= c <= last for c in foreign) > len(sample) * ENOUGH:
            return declared if declared in SHARED.get(language, ()) else language
    words = Counter(sample.lower().split())
    scores = {language: sum(map(words.__getitem__, known & words.keys())) for language, known in _LISTS.items()}
    best = max(scores, key=lambda language: (scores[language], language == declared, language))
    return best if scores[best] > ENOUGH * max(1, words.total()) else declared
