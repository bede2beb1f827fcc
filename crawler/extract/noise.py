"""Wordings that are no article's on any site.

Few on purpose: in trials a list of phrases added a thousandth to what structure and repetition tell. Whole lines only.
"""

_SHARE = "share|tweet|print|e-?mail|whatsapp|facebook|twitter|linkedin|pinterest|telegram|copy link"
_DASHES = r"[-–—\s]*"  # noqa: RUF001 - all three are used
_MORE = "links|items|articles|stories|content|news|posts|topics|reading"

#: Lines that are left out wherever they stand.
NOISE = (
    rf"(?i)^{_DASHES}(?:advertisement|advertising|sponsored|ad image(?:ad image)?){_DASHES}$",
    rf"(?i)^(?:{_SHARE})(?: this(?: article| story)?)?:?$",
    r"(?i)^share (?:on|via|to) \w+$",
    r"(?i)^\d+ min(?:ute)?s? read$",
    r"(?i)^(?:skip to (?:main )?content|loading ?(?:\.\.\.|…)?)$",
)

#: Lines before which every article is over.
ENDS = (
    rf"(?i)^(?:related|more) (?:{_MORE})\b[^.]{{0,20}}$",
    r"(?i)^(?:leave a (?:comment|reply)\b[^.]{0,40}|post a comment|comments?(?: \(\d+\))?|\d+ comments?)$",
    r"(?i)^you (?:might|may) (?:also )?(?:like|enjoy|be interested)\b[^.]{0,30}$",
    r"(?i)^(?:recommended for you|most (?:read|popular)|trending now|read next|up next)\b[^.]{0,30}$",
    r"(?i)^(?:previous|next) (?:article|post|story)\b",
    r"(?i)^(?:share this|tags?:|tagged:|filed under)",
    r"(?i)^(?:©|\(c\)|copyright (?:©|\(c\)|\d{4}))",
    r"(?i)^.{0,80}\ball rights reserved\b",
    r"(?i)^(?:about the author|subscribe to our newsletter|sign up for our newsletter)\b",
)
