"""Tokenizers of other sizes, with the special tokens at other ids, made out of the golden folder's own."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

TOKENIZER_FILES = ("tokenizer.json", "tokenizer_config.json", "added_tokens.json", "special_tokens_map.json", "merges.txt", "vocab.json")
# Single bytes; what comes after them in the vocabulary are merges.
BYTES = 256


def write_tokenizer(source: Path, folder: Path, merges: int | None, specials_at: int | None) -> dict[str, int]:
    """Write the files of a tokenizer and return the ids of its special tokens.

    Args:
        source: a folder with the golden tokenizer
        folder: where the files go
        merges: so many of its merges are kept; None for all
        specials_at: id of the first special token; None for after all others

    """
    for name in TOKENIZER_FILES:
        shutil.copyfile(source / name, folder / name)
    whole = json.loads((source / "tokenizer.json").read_text())
    ordinary = sorted(whole["model"]["vocab"], key=whole["model"]["vocab"].get)
    specials = [token["content"] for token in whole["added_tokens"]]
    ordinary = [token for token in ordinary if token not in specials]
    kept_merges = whole["model"]["merges"][: len(ordinary) - BYTES if merges is None else merges]
    ordinary = ordinary[: BYTES + len(kept_merges)]
    at = len(ordinary) if specials_at is None else specials_at
    ids = {token: number for number, token in enumerate([*ordinary[:at], *specials, *ordinary[at:]])}
    special_ids = {token: ids[token] for token in specials}
    for token in whole["added_tokens"]:
        token["id"] = ids[token["content"]]
    # as in the golden file: the model's own vocabulary has the special tokens only where they stand in front of others
    inside = {token: number for token, number in ids.items() if specials_at is not None or token not in special_ids}
    whole["model"] |= {"vocab": inside, "merges": kept_merges}
    _write(folder / "tokenizer.json", whole)
    _write(folder / "vocab.json", inside)
    _write(folder / "added_tokens.json", special_ids)
    lines = [merge if isinstance(merge, str) else " ".join(merge) for merge in kept_merges]
    (folder / "merges.txt").write_text("\n".join(["#version: 0.2", *lines, ""]))
    settings = json.loads((source / "tokenizer_config.json").read_text())
    by_content = {entry["content"]: entry for entry in settings["added_tokens_decoder"].values()}
    settings["added_tokens_decoder"] = {str(ids[token]): entry for token, entry in by_content.items()}
    _write(folder / "tokenizer_config.json", settings)
    return special_ids


def _write(file: Path, value: object) -> None:
    file.write_text(json.dumps(value, ensure_ascii=False, indent=1))
