"""The language of a text: by its script and its commonest words, which no page can declare wrongly."""

from collections import Counter

from crawler.extract.metadata import locale_of
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
    "nb": "og det som en på er av for med den til et ikke har om var de han i fra seg å at ble etter",
    "da": "og det som en på er af for med den til et ikke har om var de han i fra sig at blev efter der",
    "fi": "ja on ei se että oli hän mutta myös ovat kun joka sen mukaan kuin niin ole vuoden tai",
    "is": "og að í á er sem til við um það en ekki var með hann fyrir af þetta eru hefur þess",
    "pl": "i w na z się nie do to że jest o jak po co przez od dla ale za był są tym",
    "cs": "a se v na je že o s z do to i za pro ale které jako po jsou byl podle nebo už by",
    "sk": "a sa v na je že o s z do to aj za pre ale ktoré ako po sú bol podľa alebo už by",
    "sl": "in je v na da se za so z ki ne tudi pa po bi kot od bo iz je pri ali še",
    "hr": "i je u na da se za su s koji ne od što kao to će iz bi te nije o ali bio",
    "hu": "a az és hogy nem is egy ez meg volt de csak már mint azt el még vagy szerint ki",
    "ro": "și de în a la cu pe că nu din să care este o pentru mai al un au fost sunt ce",
    "sq": "të e në dhe për me një është që nga i se ka nuk do si më janë por kjo",
    "tr": "ve bir bu da de için ile olarak çok daha olan gibi ancak ise kadar sonra var olduğu",
    "az": "və bu bir ilə üçün olan də ki da olaraq edib daha onun ölkə deyib sonra",
    "lt": "ir į yra kad iš su apie bet kaip tai ne buvo už jis dar prie nuo jau per",
    "lv": "un ir ka no par ar uz kas bet arī tas nav pie gan lai kā vai ko bija",
    "et": "ja on ei et see oli ka mis kui oma ning aga või ta kes pole selle",
    "id": "yang dan di itu dengan untuk dari ini dalam tidak pada akan juga ke oleh adalah karena kata",
    "vi": "và của là có được cho không trong với các những một đã này người khi ở để tại",
    "tl": "ang ng sa na mga at ay si ni para hindi ito kanyang may niya ito pa",
    "sw": "ya na wa kwa ni katika la za hiyo kuwa huo cha kwamba hilo baada alisema kama",
    "so": "iyo ka oo ku ee ay la in uu waa ayaa soo aan si waxaa loo kala laga sheegay isaga",
    "zu": "ukuthi futhi uma ngoba kodwa ukuze kanye yena lapho uthe ngesikhathi",
    "ca": "el la els les de que i en un una per amb del es al no més seva són als com ha",
    "eu": "eta da ez bat izan du dute ere den baina hori egin ditu dira bere zuen",
    "ga": "an na agus ar is le go sa do tá ag an ach atá leis faoi bhí nach",
}
#: The letters of a script, and the languages written in it: the first if nothing tells it from the others.
SCRIPTS = (
    (("ja",), "\u3040", "\u30ff"),
    (("ko",), "\uac00", "\ud7a3"),
    (("zh",), "\u4e00", "\u9fff"),
    (("ru", "uk", "bg", "sr", "mk", "be", "kk", "ky", "mn", "tg"), "\u0400", "\u04ff"),
    (("ar", "fa", "ur", "ps", "ckb", "ug", "sd"), "\u0600", "\u06ff"),
    (("el",), "\u0370", "\u03ff"),
    (("he", "yi"), "\u0590", "\u05ff"),
    (("hi", "mr", "ne"), "\u0900", "\u097f"),
    (("bn", "as"), "\u0980", "\u09ff"),
    (("pa",), "\u0a00", "\u0a7f"),
    (("gu",), "\u0a80", "\u0aff"),
    (("or",), "\u0b00", "\u0b7f"),
    (("ta",), "\u0b80", "\u0bff"),
    (("te",), "\u0c00", "\u0c7f"),
    (("kn",), "\u0c80", "\u0cff"),
    (("ml",), "\u0d00", "\u0d7f"),
    (("si",), "\u0d80", "\u0dff"),
    (("th",), "\u0e00", "\u0e7f"),
    (("lo",), "\u0e80", "\u0eff"),
    (("bo", "dz"), "\u0f00", "\u0fff"),
    (("my",), "\u1000", "\u109f"),
    (("ka",), "\u10a0", "\u10ff"),
    (("am", "ti"), "\u1200", "\u137f"),
    (("km",), "\u1780", "\u17ff"),
    (("hy",), "\u0530", "\u058f"),
)
#: Letters that only one of a script's languages has, those first that others can have too.
LETTERS = {
    "mk": "ѓќѕ",
    "sr": "ђћ",
    "be": "ў",
    "uk": "їєґ",
    "tg": "ҳҷӣ",
    "kk": "әұ",
    "mn": "өү",
    "ur": "ٹڈڑے",
    "ps": "ښځږړ",
    "ckb": "ڵێۆ",
    "fa": "پچگژی",
}
LAST_LATIN = "\u024f"
VIETNAMESE = ("\u1ea0", "\u1eff")  # Latin letters beyond the others
ENOUGH = 0.12  # of all words or letters; running text has 25 to 45 % of these words
FEW = 0.04  # likewise, where no other language has half as many: some say with endings what others say in words
FEWEST = 50  # words
SIGNED = 0.004  # of the letters: a language's own ones are among the rarer
SAMPLE = 4000  # characters are plenty
_ASCII = bytes(range(128))
_LANGUAGES: dict[str, list[str]] = {}
for _language, _words in WORDS.items():
    for _word in dict.fromkeys(_words.split()):
        _LANGUAGES.setdefault(_word, []).append(_language)


def language_of(text: str, page: Page) -> str | None:
    """The text's language, BCP 47 primary tag; where script and words do not tell, as the page declares."""
    declared = locale_of(page).split("-")[0].lower() or None
    sample = text[:SAMPLE]
    if not sample.isascii() and (found := _by_script(sample, declared)):
        return found
    words = sample.lower().split()
    scores = dict.fromkeys(WORDS, 0)
    for word, count in Counter(filter(_LANGUAGES.__contains__, words)).items():
        for language in _LANGUAGES[word]:
            scores[language] += count
    best, second = sorted(scores, key=lambda language: (scores[language], language == declared, language))[:-3:-1]
    if scores[best] > ENOUGH * max(1, len(words)):
        return best
    alone = scores[best] > FEW * max(FEWEST, len(words)) and scores[best] > 2 * scores[second]
    return best if alone and declared is None else declared


def _by_script(sample: str, declared: str | None) -> str | None:
    """The language of a script that is not Latin, told by its own letters, else as declared among those it has."""
    odd = sample.encode("utf-8", "surrogatepass").translate(None, _ASCII).decode("utf-8", "surrogatepass")
    if len(odd) <= ENOUGH * len(sample):
        return None
    foreign = [c for c in odd if c > LAST_LATIN and not VIETNAMESE[0] <= c <= VIETNAMESE[1]]
    for languages, first, last in SCRIPTS:
        letters = [c for c in foreign if first <= c <= last]
        if len(letters) > ENOUGH * len(sample):
            return _told(Counter(letters), len(letters), languages, declared)
    return None


def _told(letters: Counter[str], total: int, languages: tuple[str, ...], declared: str | None) -> str:
    """The declared one of a script's languages if its own letters are there, else the one whose letters are."""
    own = [name for name in LETTERS if name in languages and _has(letters, name, total)]
    if declared in languages[1:] and (declared in own or declared not in LETTERS):
        return declared
    return next(iter(own), declared if declared in languages and not own else languages[0])


def _has(counts: Counter[str], language: str, total: int) -> bool:
    return sum(counts[letter] for letter in LETTERS[language]) > SIGNED * total
