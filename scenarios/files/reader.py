"""From a scenario file to a scenario, or to all of the file's faults with their lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from cge.errors import PolicyError, nearest
from cge.scenarios.names.vocabulary import SELECTORS

from .scenario import KINDS, Block, Origin, Scenario, block_kind

Path_ = tuple[str | int, ...]


class Draft:
    """A scenario file as far as it could be understood.

    Attributes:
        origin: the file and its lines.
        faults: all faults of form, in the order of the file.
        blocks: the sound shocks, with their position in the file.
        loose: mappings of the shocks that are at fault, whose names can still be checked.
        parts: the sound parts.
        wins: which of them wins, if it is said.
    """

    def __init__(self, file: str, text: str, chain: Sequence[Path] = ()) -> None:
        self.origin = Origin(file)
        self.parts: list[Scenario] = []
        self.wins: str | None = None
        self._chain = chain
        self.blocks: list[tuple[int, Block]] = []
        self.loose: list[tuple[int, Mapping[str, Any]]] = []
        self._found: list[tuple[int, str]] = []
        self._scenario: Scenario | None = None
        raw = self._parse(text)
        if raw is not None:
            self.origin = Origin(file, lines_of(raw))
            self._validate(plain(raw))

    @property
    def faults(self) -> list[str]:
        """All faults of form, by line."""
        return [text for _, text in sorted(self._found, key=lambda pair: pair[0])]

    def scenario(self) -> Scenario:
        """The scenario.

        Raises:
            PolicyError: with every fault of form.
        """
        if self._scenario is None or self._found:
            raise PolicyError(self.faults, self.origin.file)
        return self._scenario

    def _parse(self, text: str) -> CommentedMap | None:
        try:
            return parse(self.origin.file, text, "a scenario is a mapping; begin with `name: ...`")
        except PolicyError as error:
            self._found += [(1, fault) for fault in error.faults]
            return None

    def _validate(self, raw: dict[str, Any]) -> None:
        shocks = raw.pop("shocks", None)
        parts = raw.pop("parts", [])
        self.wins = raw.get("wins")
        if shocks is None and parts:
            shocks = []
        if not isinstance(parts, list):
            self._fault(("parts",), "parts is a list of names of scenarios and files")
        for position, part in enumerate(parts if isinstance(parts, list) else []):
            self._part(position, part)
        if shocks is None:
            self._tell(1, f"{self.origin.where()}: key shocks is missing; add a list of shocks (empty for none)")
        elif not isinstance(shocks, list):
            self._fault(("shocks",), "shocks is a list; begin every shock with `- instrument:`, say")
        for position, shock in enumerate(shocks if isinstance(shocks, list) else []):
            self._block(position, shock)
        try:
            blocks = tuple(block for _, block in self.blocks)
            self._scenario = Scenario(**raw, parts=tuple(self.parts), shocks=blocks).located(self.origin)
        except ValidationError as error:
            self._tell_all(error, (), Scenario, skip="shocks")
        except TypeError:  # a key that is no word, such as 3:
            self._fault((), "keys are words; put the number after a key")

    def _part(self, position: int, source: Any) -> None:
        from .library import part  # it reads scenarios

        try:
            self.parts.append(part(source, Path(self.origin.file).parent, self._chain))
        except PolicyError as error:
            self._fault(("parts", position), str(error))

    def _block(self, position: int, shock: Any) -> None:
        path = ("shocks", position)
        if not isinstance(shock, dict):
            self._fault(path, "a shock is a mapping; begin with `instrument:`, say")
            return
        kind = block_kind(shock)
        if kind is None:
            offer = next((h for key in shock if (h := nearest(str(key), KINDS))), "")
            self._fault(path, f"a shock needs the key {_either(KINDS)}{offer}")
            self.loose.append((position, shock))
            return
        model = KINDS[kind]
        try:
            self.blocks.append((position, model.model_validate(shock)))  # type: ignore[arg-type]
        except ValidationError as error:
            self._tell_all(error, path, model)
            self.loose.append((position, shock))

    def _tell_all(self, error: ValidationError, root: Path_, model: type[BaseModel], skip: str = "") -> None:
        for detail in error.errors():
            path = tuple(detail["loc"])
            if skip and path[:1] == (skip,):
                continue
            self._fault(root + path, explain(detail, path, model))

    def _fault(self, path: Path_, text: str) -> None:
        place = self.origin.where(*path)
        self._tell(int(place.rpartition(":")[2]), f"{place}: {text}")

    def _tell(self, line: int, text: str) -> None:
        self._found.append((line, text))


def parse(file: str, text: str, otherwise: str) -> CommentedMap:
    """The mapping that a YAML file holds, with the lines of its keys.

    Args:
        file: its name, for errors.
        text: its content.
        otherwise: what to say if it is no mapping.

    Raises:
        PolicyError: with the one fault, which is no YAML or no mapping.
    """
    try:
        raw = YAML(typ="rt").load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        problem = " ".join(str(error.problem or error.context).split())
        raise PolicyError([f"{file}:{line}: this is not YAML: {problem}"]) from None
    except YAMLError as error:
        raise PolicyError([f"{file}: this is not YAML: {' '.join(str(error).split())}"]) from None
    if not isinstance(raw, CommentedMap):
        raise PolicyError([f"{file}: {otherwise}"])
    return raw


def text_of(path: Path, what: str) -> str:
    """The text of a file.

    Raises:
        PolicyError: if it cannot be read at all.
    """
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise PolicyError([f"there is no file {path}; check the path"]) from None
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyError([f"{path} cannot be read as text ({error}); give {what} in YAML"]) from error


def draft(path: Path, chain: Sequence[Path] = ()) -> Draft:
    """Read a scenario file, collecting its faults.

    Args:
        path: of the file.
        chain: files that are being read, each a part of the one before.

    Raises:
        PolicyError: if the file cannot be read at all, or is a part of itself.
    """
    chain = (*chain, path.resolve())
    if path.resolve() in chain[:-1]:
        circle = chain[chain.index(path.resolve()) :]
        raise PolicyError([f"{' > '.join(p.stem for p in circle)}: a scenario cannot be a part of itself"])
    return Draft(str(path), text_of(path, "a scenario"), chain)


def _either(words: Iterable[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} or {last}"


def plain(node: Any) -> Any:
    """What YAML read, as plain values; text on one line."""
    if isinstance(node, CommentedMap):
        return {key: plain(value) for key, value in node.items()}
    if isinstance(node, CommentedSeq):
        return [plain(value) for value in node]
    return re.sub(r"\s+", " ", node).strip() if isinstance(node, str) else node


def lines_of(node: Any, path: Path_ = ()) -> dict[Path_, int]:
    """Line of every key and item, by its path."""
    lines: dict[Path_, int] = {}
    if isinstance(node, CommentedMap):
        for key, value in node.items():
            lines[(*path, key)] = node.lc.key(key)[0] + 1
            lines |= lines_of(value, (*path, key))
    elif isinstance(node, CommentedSeq):
        for position, value in enumerate(node):
            lines[(*path, position)] = node.lc.item(position)[0] + 1
            lines |= lines_of(value, (*path, position))
    return lines


def explain(detail: Any, path: Path_, model: type[BaseModel]) -> str:
    """A fault that pydantic found, in the words of this package, with its repair."""
    key = str(path[-1]) if path else ""
    kind = str(detail["type"])
    if kind == "extra_forbidden":
        known = [f.alias or name for name, f in _within(model, path[:-1]).model_fields.items()]
        return f"unknown key {key!r}{nearest(key, known)}; rename or remove it (known: {', '.join(known)})"
    if kind == "missing":
        return f"key {key} is missing; add it"
    if kind == "value_error":
        return str(detail["ctx"]["error"])
    if kind == "string_pattern_mismatch":
        return f"{key} {detail['input']!r} must be lower-case words joined by hyphens, such as us-universal-10"
    message = str(detail["msg"])
    message = message[0].lower() + message[1:]
    subject = ".".join(str(p) for p in path) or "this"
    offered = nearest(detail["input"], ("remove", "hard", "tariff-rate")) if kind == "literal_error" else ""
    return f"{subject}: {message}, not {detail['input']!r}{offered}"


def _within(model: type[BaseModel], path: Path_) -> type[BaseModel]:
    """The model of the mapping at a path of a block."""
    for key in path:
        field = model.model_fields.get(str(key))
        if field is not None:
            model = next(_models(field.annotation), model)
    return model


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models that an annotation mentions."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)


def loose_names(shock: Mapping[str, Any]) -> dict[str, list[str]]:
    """Names under the selectors of a shock that is at fault elsewhere: key to names."""

    def names(value: Any) -> list[str]:
        if isinstance(value, str):
            return [value]
        if isinstance(value, list):
            return [v for v in value if isinstance(v, str)]
        if isinstance(value, dict):
            return [name for part in ("include", "except") for name in names(value.get(part))]
        return []

    return {key: names(shock[key]) for key in SELECTORS if key in shock}
