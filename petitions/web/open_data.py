"""Open data for everybody: the page that explains it, bulk files, figures by area and of the site.

Rules of this module:
- read only, without keys; each file may be kept by every cache, and other sites may read it;
- a bulk file is written while it is sent, so that no size of a site fills the memory.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping

from flask import Blueprint, Response, abort, current_app, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from petitions.platform.database import read_only
from petitions.platform.i18n import Locale, _, current_locale, speaking
from petitions.services.hiding import is_out_of_sight
from petitions.storage import reading as stored
from petitions.storage.reading import Question, Row
from petitions.storage.search_reading import matched
from petitions.web import area_map, open_sets, public_pages
from petitions.web.access import everybody
from petitions.web.data_sets import BY_NAME, CHANGES, SETS, table_schema
from petitions.web.edge import Engine, engine, reading
from petitions.web.face import frame, the_face
from petitions.web.page_heads import data_block
from petitions.web.pages_data import DataPage, DataSet
from petitions.web.petition_file import open_file
from petitions.web.public import page
from petitions.web.public_room import found_page, open_data, saved_as

blueprint = Blueprint("data", __name__)
BULK = "public, max-age=3600"
CSV_TYPE = "text/csv; charset=utf-8; header=present"


@blueprint.get("/<lang>/data")
@page
def data_page(lang: str) -> str:
    del lang
    terms = engine().settings.data
    shown = DataPage(
        SETS, terms.licence, terms.licence_url, engine().settings.site.contact, CHANGES
    )
    return render_template(
        "data/data.html", page=shown, frame=frame("data"), json_ld=data_block(_catalogue())
    )


def _catalogue() -> dict[str, object]:
    terms, base = engine().settings.data, engine().settings.site.base_url
    return {
        "@context": "https://schema.org",
        "@type": "DataCatalog",
        "url": f"{base}/{current_locale().lang}/data",
        "dataset": [
            {
                "@type": "Dataset",
                "name": _(each.title),
                "description": _(each.meaning),
                "license": terms.licence_url or terms.licence,
                "isAccessibleForFree": True,
                "distribution": [
                    {"@type": "DataDownload", "encodingFormat": kind, "contentUrl": base + address}
                    for kind, address in (
                        ("text/csv", each.csv), ("application/jsonl", each.jsonl)
                    )
                ],
            }
            for each in SETS
        ],
    }  # fmt: skip


@blueprint.get("/data/<name>.csv")
@everybody
def bulk_csv(name: str) -> Response:
    """The whole set (RFC 4180); lists in a cell are parted by spaces."""
    found = _set(name)
    return _bulk(found, "csv", CSV_TYPE)


@blueprint.get("/data/<name>.jsonl")
@everybody
def bulk_jsonl(name: str) -> Response:
    """The whole set, one object a line."""
    return _bulk(_set(name), "jsonl", "application/jsonl; charset=utf-8")


@blueprint.get("/data/<name>.schema.json")
@everybody
def bulk_schema(name: str) -> Response:
    content = json.dumps(table_schema(_set(name), _), ensure_ascii=False, indent=1)
    return open_data(Response(content, mimetype="application/json"))


class CutShortError(RuntimeError):
    """The rest of a bulk file could not be read."""


def _set(name: str) -> DataSet:
    if name not in BY_NAME:
        abort(404)
    return BY_NAME[name]


def _bulk(found: DataSet, form: str, kind: str) -> Response:
    """The words of events are the site's own first language."""
    locale = the_face(current_app).catalogues.default
    with speaking(locale):
        asking = public_pages.question(engine())
    return _streamed(found, asking, locale, form, kind)


def _streamed(found: DataSet, asking: Question, locale: Locale, form: str, kind: str) -> Response:
    rows = _rows(engine(), asking, found)
    lines = _FORMS[form](found, rows)

    def piece() -> bytes | None:
        with speaking(locale):
            return next(lines, None)

    # before the answer begins: what fails here is answered by a page. Two, since one may be a bracket
    begun = [each for each in (piece(), piece()) if each is not None]

    def spoken() -> Iterator[bytes]:
        """Each piece in its language: the server sends them after the request has been answered."""
        try:
            yield from begun
            while True:
                try:
                    line = piece()
                except Exception as error:
                    # without its words, which may hold a row; and never as if the file were whole
                    failed = type(error).__name__
                    raise CutShortError(f"bulk file cut short: {failed}") from None
                if line is None:
                    return
                yield line
        finally:
            rows.close()

    answer = Response(spoken(), content_type=kind)
    answer.headers["Cache-Control"] = BULK
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["Content-Disposition"] = f'attachment; filename="{found.name}.{form}"'
    return answer


def _rows(the: Engine, asking: Question, found: DataSet) -> Generator[open_sets.Fields, None, None]:
    session = the.sessions()
    try:
        read_only(session)
        for row in open_sets.every(session, matched(session, asking)):
            yield from open_sets.ROWS[found.name](session, the, row)
    finally:
        session.close()


def as_csv(found: DataSet, rows: Iterable[open_sets.Fields]) -> Iterator[bytes]:
    columns = [each.name for each in found.columns]
    out = io.StringIO()
    lines = csv.writer(out, lineterminator="\r\n")
    lines.writerow(columns)
    for row in rows:
        lines.writerow([_cell(row[name]) for name in columns])
        if out.tell() > 16_000:
            yield out.getvalue().encode()
            out.seek(0)
            out.truncate()
    yield out.getvalue().encode()


def _cell(value: object) -> object:
    """A text that a spreadsheet would run as a formula is kept as text by an apostrophe."""
    if isinstance(value, list):
        return " ".join(map(str, value))
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t")):
        return f"'{value}"
    return value


def as_jsonl(rows: Iterable[open_sets.Fields]) -> Iterator[bytes]:
    for row in rows:
        yield json.dumps(row, ensure_ascii=False).encode() + b"\n"


def as_json(found: DataSet, rows: Iterable[open_sets.Fields]) -> Iterator[bytes]:
    """One object, written while it is sent: the rows, and under which terms they may be used."""
    del found
    terms = engine().settings.data
    ends = {"licence": terms.licence, "licence_url": terms.licence_url}

    def written() -> Iterator[bytes]:
        yield b'{"data": ['
        parting = b"\n"
        for row in rows:
            yield parting + json.dumps(row, ensure_ascii=False).encode()
            parting = b",\n"
        yield b"\n], " + json.dumps(ends, ensure_ascii=False).encode()[1:]

    return written()


_FORMS: Mapping[str, Callable[[DataSet, Iterable[open_sets.Fields]], Iterator[bytes]]] = {
    "csv": as_csv,
    "json": as_json,
    "jsonl": lambda _found, rows: as_jsonl(rows),
}


@blueprint.get("/<lang>/petitions.json")
@everybody
def list_json(lang: str) -> Response:
    """As the table below, with the names of its columns: all of the list, by reference."""
    asking = public_pages.question(engine(), public_pages.Asked.of(request.args))
    locale = the_face(current_app).catalogues.locale(lang)
    return _streamed(BY_NAME["petitions"], asking, locale, "json", "application/json")


@blueprint.get("/<lang>/petitions.csv")
@everybody
def list_csv(lang: str) -> Response:
    """The list with the filters of its address, as a table: all of it, in the order of references."""
    asking = public_pages.question(engine(), public_pages.Asked.of(request.args))
    locale = the_face(current_app).catalogues.locale(lang)
    return _streamed(BY_NAME["petitions"], asking, locale, "csv", CSV_TYPE)


@blueprint.get("/<lang>/petitions/<ref>/map")
@page
def map_page(lang: str, ref: str) -> str:
    """Where signatures come from: picture and table of the published figures of a day."""
    del lang
    shown = _areas(ref)
    if not shown.word:
        abort(404)
    return render_template("data/map.html", page=shown, frame=frame("petitions"))


def _areas(ref: str) -> area_map.AreasPage:
    with reading() as session:
        found = found_page(stored.public_petition(session, public_pages.assemblies(engine()), ref))
        if is_out_of_sight(found) or found.published_at is None:
            abort(404)
        file = open_file(session, engine(), found)
        return area_map.areas_page(session, engine(), file, engine().settings.data.licence)


@blueprint.get("/petitions/<ref>/areas.csv", defaults={"form": "csv"})
@blueprint.get("/petitions/<ref>/areas.json", defaults={"form": "json"})
@everybody
def areas_of_petition(ref: str, form: str) -> AnyResponse:
    """The same figures for programs: an area without a number has fewer than `hidden_under`."""
    with reading() as session:
        found = found_page(stored.public_petition(session, public_pages.assemblies(engine()), ref))
        if is_out_of_sight(found) or found.published_at is None:
            abort(404)
        text = stored.texts_of(session, found.id)[found.language]
        rows = list(open_sets.area_rows(session, engine(), Row(found, text, None)))
    if not rows:
        abort(404)
    if form == "json":
        content = {"reference": ref, "areas": rows, "licence": engine().settings.data.licence}
        return open_data(
            Response(json.dumps(content, ensure_ascii=False), mimetype="application/json")
        )
    table = Response(b"".join(as_csv(BY_NAME["areas"], rows)), content_type=CSV_TYPE)
    return open_data(saved_as(table, f"{ref}-areas.csv"))
