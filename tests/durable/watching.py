"""Observers of the door."""

from dataclasses import dataclass, field

from crawler.durable import Effect


@dataclass
class Log:
    """Every effect, in order."""

    effects: list[Effect] = field(default_factory=list)

    def before(self, effect: Effect) -> None:
        pass

    def after(self, effect: Effect) -> None:
        self.effects.append(effect)

    @property
    def kinds(self) -> list[str]:
        return [effect.kind for effect in self.effects]


class Failing:
    """Every effect of one kind fails."""

    def __init__(self, kind: str, error: OSError) -> None:
        self._kind = kind
        self._error = error

    def before(self, effect: Effect) -> None:
        if effect.kind == self._kind:
            raise self._error

    def after(self, effect: Effect) -> None:
        pass
