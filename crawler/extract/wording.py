"""What a short line's words say it is, in the languages of the press: a pitch, a "read more", a credit, a share bar.

Word lists, not patterns: each word is looked up once. A word of six letters and a star stands for all that begin so.
Scripts without blanks are searched for the words instead.
"""

# ruff: noqa: RUF001 - the words are those that pages print

import re
from collections.abc import Sequence

from crawler.text import small_words

_CUES = {
    "newsletter": "newsle* subscr* abonni* abonne* abonnier signup inbox postei* prenum* подпис* suscri* assine assinar"
    " iscriviti inschr* registe* regist* anmeld* einlog* login rejestr mailing podcast-newsletter abo abos"
    " 登録 購読 会員 구독 订阅 訂閱",
    "more": "read more mehr related weiter* lesen lies also auch lire aussi lea leia lee también tambien leggi anche"
    " les også læs läs lees meer czytaj zobacz читайте также oku devamı baca juga watch see recomm* empfeh* interes*"
    " 関連 続き もっと 관련 相关 相關 延伸",
    "share": "share shares tweet whatsapp whatsa* facebo* twitter linked* telegr* pinter* instag* reddit email e-mail"
    " teilen drucken print kopier* copy partag* compar* condiv* paylaş подели* udostę* mastodon bluesky threads x"
    " シェア 공유 分享",
    "credit": "foto fotos photo photos photog* fotogr* bild bilder image images picture imago getty reuters afp dpa ap"
    " epa ansa efe apa keyston* quelle source crédit credit credits archiv* symbol* shutte* istock alamy afp/getty"
    " illust* courtesy handout фото снимок 写真 사진 提供",
    "byline": "by von par por di door av af text texte author autor autorin redakt* bearbe* tekst staff writer"
    " writers corres* report* editor* journa* contri* author* senior автор 記者 记者 기자 文",
    "legal": "copyr* rights reserv* rechte vorbeh* droits derechos terms privacy datens* impres* agb nutzun*"
    " discla* cookie cookies consent policy 無断転載 무단 版权 著作権",
    "date": "publis* updated aktual* veröff* stand erstellt publié publie* mis jour publicado actual* atuali*"
    " pubbli* aggior* uppdat* publis* oppdat* güncel* yayın* опубли* обновл* posted ago vor uhr minutes min mins"
    " lesezeit lesedauer lesed* hours days stunden minuten tagen january february march april june july august"
    " september october november december januar februar märz juni juli oktober dezember 公開 更新 입력 수정 发布",
    "comment": "commen* kommen* coment* commen* reageer reacti* yorum коммен* reply diskut* discus* forum debatte"
    " コメント 댓글 评论",
    "advertising": "anzeige werbung adver* sponso* public* pubbli* annons annonse reklam реклама affili* commis*"
    " promo externer inhalt 広告 광고 广告",
    "media": "watch listen video videos podcast audio gallery slides* bilder* fotost* anhören hören vorlesen abspie*"
    " regard* écouter play player 動画 영상",
    "support": "support donate donati* spende spenden unters* contact kontakt feedback fehler korrek* folgen follow"
    " download app apps premium trial testen google discover kanal channel whatsapp-kanal",
    "action": "back zurück skip jump menu search suche close schließen open show view load anzeig* alle all next"
    " previous nächste vorher* cancel accept home starts* inhalt* contents tags topics themen schlag* filed"
    " categor* sign click here hier klicken tap top",
}
CUES = tuple(_CUES)
_STEM = 6
_WHOLE: dict[str, int] = {}
_STEMS: dict[str, int] = {}
_PIECES: dict[str, int] = {}
for _number, _words in enumerate(_CUES.values()):
    for _word in _words.split():
        if _word.endswith("*"):
            _STEMS[_word[:_STEM]] = _STEMS.get(_word[:_STEM], 0) | 1 << _number
        elif "\u3040" <= _word[0] <= "\uffff":
            _PIECES[_word] = 1 << _number
        else:
            _WHOLE[_word] = _WHOLE.get(_word, 0) | 1 << _number
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_FAR = re.compile("[\u3040-\uffff]")  # one of which begins every piece
_PIECE = re.compile("|".join(_PIECES))
MOST = 300  # characters; a longer line is told by what it is in
LEADING = 2  # words: what a line begins with says more than what it has in it


def words_of(text: str) -> list[str]:
    """The words of a line that is short enough to be told by them, in lower case; those that hyphens join are one."""
    if len(text) > MOST:
        return []
    lower = text.lower()
    if "-" in lower or not lower.isascii():
        return _WORD.findall(lower)
    return small_words(lower)


class Wording:
    """Looks for the words of some of `CUES`."""

    def __init__(self, cues: Sequence[str]) -> None:
        places = [(1 << CUES.index(cue), 1 << place) for place, cue in enumerate(cues)]
        renumbered = (
            {word: sum(own for bit, own in places if bits & bit) for word, bits in known.items()}
            for known in (_WHOLE, _STEMS, _PIECES)
        )
        self._whole, self._stems, self._pieces = ({word: own for word, own in n.items() if own} for n in renumbered)
        self._none = (0.0,) * len(cues)

    def cues_of(self, text: str, words: Sequence[str]) -> tuple[float, ...]:
        """For each of the cues: 0 without such a word, 1 with one, 2 for several, 3 where one leads the line."""
        pieces = [] if text.isascii() or len(text) > MOST or _FAR.search(text) is None else _PIECE.findall(text)
        whole, stems = self._whole, self._stems
        if not pieces and whole.keys().isdisjoint(words):
            starts = [word[:_STEM] for word in words if len(word) >= _STEM]
            if stems.keys().isdisjoint(starts):
                return self._none
        found = list(self._none)
        for place, word in enumerate(words):
            if bits := whole.get(word, 0) | stems.get(word[:_STEM], 0):
                _count(found, bits, leads=place < LEADING)
        for piece in pieces:
            _count(found, self._pieces.get(piece, 0), leads=text.startswith(piece))
        return tuple(found)


def _count(found: list[float], bits: int, *, leads: bool) -> None:
    while bits:
        cue = (bits & -bits).bit_length() - 1
        found[cue] = 3.0 if leads or found[cue] == 3.0 else min(2.0, found[cue] + 1.0)
        bits &= bits - 1


cues_of = Wording(CUES).cues_of
