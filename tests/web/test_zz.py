import gc, tracemalloc
def test_a(postgresql_uri, tmp_path):
    tracemalloc.start(25)
    from tests.web.town import open_town
    import psycopg
    with open_town(tmp_path, postgresql_uri) as t:
        ref=t.publish()
        b=t.browser()
        b.sign(ref)
    gc.collect()
    for o in gc.get_objects():
        if isinstance(o, psycopg.Connection) and not o.closed:
            tb=tracemalloc.get_object_traceback(o)
            print(o, "\n".join(tb.format()) if tb else None)
