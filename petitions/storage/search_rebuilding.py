"""The index made again from the texts, counted, and compared with them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import batched

from sqlalchemy import bindparam, delete, func, select, text, update
from sqlalchemy.orm import Session

from petitions.platform.database import is_sqlite
from petitions.storage import search_index
from petitions.storage.search_index import is_indexed
from petitions.storage.tables import Petition, PetitionText, SearchText, SearchWord
from petitions.storage.word_forms import formed

_AT_ONCE = 500
_SAMPLE = 200
