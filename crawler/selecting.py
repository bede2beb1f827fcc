"""Elements by CSS selectors: a page is asked a dozen queries, so its classes and names are listed once.

What sites' selectors are made of (names, classes, ids, one inside another) is looked up in the lists; anything else
that CSS has goes to libxml2 as an XPath expression, compiled once a process.
"""

from dataclasses import dataclass, replace
from functools import cache, cached_property
from operator import itemgetter

from cssselect.parser import Attrib, Class, CombinedSelector, Element, Hash, Tree, parse
from lxml import etree
from lxml.html import HtmlElement
from parsel.csstranslator import HTMLTranslator

from crawler.shown import Attributes, Listed, outermost


@dataclass(frozen=True, slots=True)
class _Compound:
    """What one element has to be: `td#column.wide`, and what it has to be in."""

    name: str | None = None
    classes: tuple[str, ...] = ()
    id: str | None = None
    #: Attributes, with their values or `None` for any.
    attributes: tuple[tuple[str, str | None], ...] = ()
    #: The compound to the left, and whether only a parent will do.
    around: "_Compound | None" = None
    child: bool = False

    def fits(self, element: HtmlElement) -> bool:
        """Whether the element itself is as asked."""
        if self.name is not None and element.tag != self.name:
            return False
        if self.id is not None and element.get("id") != self.id:
            return False
        for name, value in self.attributes:
            if (stated := element.get(name)) is None or value not in (None, stated):
                return False
        return not self.classes or set(self.classes).issubset(element.get("class", "").split())


class Selection:
    """Answers queries about one tree, which must not change any more."""

    def __init__(self, root: HtmlElement, attributes: Attributes | None = None) -> None:
        self._root = root
        self._attributes = Listed(list(root.iter())) if attributes is None else attributes
        self._names: dict[str, list[HtmlElement]] = {}
        self._answers: dict[str, list[HtmlElement]] = {}

    def all(self, query: str) -> list[HtmlElement]:
        """The elements that a CSS query finds, in document order; raises `SelectorError` for what is no CSS."""
        if (found := self._answers.get(query)) is None:
            found = self._answers[query] = self._find(query)
        return found

    def _find(self, query: str) -> list[HtmlElement]:
        compounds, expression = _plan(query)
        if expression is not None:
            found = expression(self._root)
            return [element for element in found if isinstance(element, HtmlElement)]
        if len(compounds) == 1:
            return self._fitting(compounds[0])
        together = dict.fromkeys(element for compound in compounds for element in self._fitting(compound))
        return sorted(together, key=self._order.__getitem__) if len(together) > 1 else list(together)

    def _fitting(self, compound: _Compound) -> list[HtmlElement]:
        """The elements that fit; looked for in the outer ones if there are any, else in the shortest list at hand."""
        if compound.around is None:
            return list(filter(compound.fits, self._candidates(compound)))
        outer = self._fitting(compound.around)
        if compound.child and outer:
            parents = set(outer)
            return [e for e in self._candidates(compound) if e.getparent() in parents and compound.fits(e)]
        inside = (element for one in outermost(outer) for element in one.iterdescendants(compound.name or "*"))
        return list(filter(compound.fits, inside))

    def _candidates(self, compound: _Compound) -> list[HtmlElement]:
        if compound.classes:
            return min(map(self._of_class, compound.classes), key=len)
        if compound.id is not None:
            return self._with("id")
        return self._with(compound.attributes[0][0]) if compound.attributes else self._named(compound.name)

    def _of_class(self, name: str) -> list[HtmlElement]:
        """The elements of a class; few on a page have attributes that are no other's."""
        if name not in self._all_classes:
            return []
        groups = [found for classes, found in self._classes.items() if name in classes and name in classes.split()]
        if len(groups) == 1:
            return [element for _, element in groups[0]]
        return [element for _, element in sorted((pair for group in groups for pair in group), key=itemgetter(0))]

    def _named(self, name: str | None) -> list[HtmlElement]:
        key = name or "*"
        if key not in self._names:
            self._names[key] = list(self._root.iter(key))
        return self._names[key]

    def _with(self, attribute: str) -> list[HtmlElement]:
        key = f"[{attribute}]"
        if key not in self._names:
            self._names[key] = [element for element, _ in self._attributes.get(attribute, ())]
        return self._names[key]

    @cached_property
    def _classes(self) -> dict[str, list[tuple[int, HtmlElement]]]:
        """Each `class` attribute, with its elements and their places in the document."""
        found: dict[str, list[tuple[int, HtmlElement]]] = {}
        for place, (element, classes) in enumerate(self._attributes.get("class", ())):
            found.setdefault(classes, []).append((place, element))
        return found

    @cached_property
    def _all_classes(self) -> str:
        return " ".join(self._classes)

    @cached_property
    def _order(self) -> dict[HtmlElement, int]:
        return {element: number for number, element in enumerate(self._named(None))}


@cache
def _plan(query: str) -> tuple[tuple[_Compound, ...], etree.XPath | None]:
    """The query as lookups, or where one of its parts is none as XPath."""
    selectors = parse(query)
    compounds = [None if s.pseudo_element else _compound(s.parsed_tree) for s in selectors]
    simple = tuple(compound for compound in compounds if compound is not None)
    if len(simple) == len(selectors):
        return simple, None
    return (), etree.XPath(HTMLTranslator().css_to_xpath(query))


def _compound(tree: Tree) -> _Compound | None:
    """The tree of a simple selector; `None` where there is more to it."""
    classes: list[str] = []
    attributes: list[tuple[str, str | None]] = []
    identity: str | None = None
    while not isinstance(tree, Element):
        if isinstance(tree, Class):
            classes.append(tree.class_name)
        elif isinstance(tree, Hash) and identity in (None, tree.id):
            identity = tree.id
        elif isinstance(tree, Attrib) and tree.namespace is None and tree.operator in ("exists", "="):
            attributes.append((tree.attrib.lower(), tree.value.value if tree.value else None))
        elif isinstance(tree, CombinedSelector):
            return None if classes or attributes or identity else _combined(tree)
        else:
            return None
        tree = tree.selector
    if tree.namespace is not None:
        return None
    return _Compound(tree.element.lower() if tree.element else None, tuple(classes), identity, tuple(attributes))


def _combined(tree: CombinedSelector) -> _Compound | None:
    inner, outer = _compound(tree.subselector), _compound(tree.selector)
    if inner is None or outer is None or tree.combinator not in (" ", ">"):
        return None
    return replace(inner, around=outer, child=tree.combinator == ">")
