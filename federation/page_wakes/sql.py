"""The functions behind the triggers. They compare columns, find whom a change concerns, and insert
keys; what follows from it is for the reconciler. Written to be cheap where nothing is public: a draft writes none."""

from __future__ import annotations

TRIGGER = "federation_wake"

# Who uses a thing, by Wagtail's reference index; settings that use it speak for the site.
_WHOSE = """
    SELECT DISTINCT CASE WHEN whose.app_label = 'wagtailcore' AND whose.model = 'page'
                         THEN 'page:' || used.object_id ELSE 'site' END
      FROM wagtailcore_referenceindex used
      JOIN django_content_type what ON what.id = used.to_content_type_id
      JOIN django_content_type whose ON whose.id = used.base_content_type_id"""

_USERS = f"""
CREATE OR REPLACE FUNCTION federation_wake_users(app text, kind text, thing text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO federation_wake (key) {_WHOSE}
     WHERE what.app_label = app AND what.model = kind AND used.to_object_id = thing
$$"""

# Everything in the subtree, from the top, and whoever points into it: a link to what has just become private must go.
# Also used where the root itself has just gone: what hangs below has rows of its own.
_SUBTREE = f"""
CREATE OR REPLACE FUNCTION federation_wake_subtree(top text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO federation_wake (key)
    SELECT 'page:' || id FROM wagtailcore_page WHERE starts_with(path, top) ORDER BY path;
    INSERT INTO federation_wake (key) {_WHOSE}
      JOIN wagtailcore_page below ON below.id::text = used.to_object_id
     WHERE what.app_label = 'wagtailcore' AND what.model = 'page' AND starts_with(below.path, top)
$$"""  # noqa: S608

# Drafts stay silent: they change latest_revision, draft_title and has_unpublished_changes, which are not compared.
# What changes for a whole branch is whether its top is out at all; a move or a new slug writes every row below anyway.
_PAGE = """
CREATE OR REPLACE FUNCTION federation_wake_page() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    row wagtailcore_page;
    deep boolean := false;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF (OLD.live, OLD.live_revision_id, OLD.last_published_at, OLD.path, OLD.url_path, OLD.slug, OLD.title,
            OLD.expired, OLD.expire_at, OLD.go_live_at, OLD.alias_of_id, OLD.locale_id, OLD.depth,
            OLD.content_type_id)
           IS NOT DISTINCT FROM
           (NEW.live, NEW.live_revision_id, NEW.last_published_at, NEW.path, NEW.url_path, NEW.slug, NEW.title,
            NEW.expired, NEW.expire_at, NEW.go_live_at, NEW.alias_of_id, NEW.locale_id, NEW.depth,
            NEW.content_type_id)
        THEN RETURN NULL; END IF;
        row := NEW;
        deep := NEW.numchild > 0 AND (
            (OLD.live, OLD.expired, OLD.expire_at, OLD.path) IS DISTINCT FROM
            (NEW.live, NEW.expired, NEW.expire_at, NEW.path)
            OR EXISTS (SELECT 1 FROM django_content_type t
                        WHERE t.id = NEW.content_type_id AND t.app_label || '.' || t.model IN (<tall>)));
    ELSIF TG_OP = 'INSERT' THEN
        IF NOT NEW.live THEN RETURN NULL; END IF;
        row := NEW;
    ELSE
        row := OLD;
    END IF;
    INSERT INTO federation_wake (key) VALUES ('page:' || row.id);
    IF deep THEN PERFORM federation_wake_subtree(row.path); END IF;
    PERFORM federation_wake_users('wagtailcore', 'page', row.id::text);
    RETURN NULL;
END $$"""

# A row of a page type's own table, or of something that belongs to a page. Arguments: the column that names the page;
# whether all below it is concerned ("subtree"); whether its users are ("users"). They may show what stands in the
# page's own row, and when a page goes, that is the last moment at which the reference index still knows them.
_ROW = """
CREATE OR REPLACE FUNCTION federation_wake_row() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before jsonb;
    after jsonb;
    page record;
BEGIN
    IF TG_OP <> 'INSERT' THEN before := to_jsonb(OLD); END IF;
    IF TG_OP <> 'DELETE' THEN after := to_jsonb(NEW); END IF;
    IF before IS NOT DISTINCT FROM after THEN RETURN NULL; END IF;
    FOR page IN SELECT p.id, p.path, p.live FROM wagtailcore_page p
                 WHERE p.id IN ((before ->> TG_ARGV[0])::bigint, (after ->> TG_ARGV[0])::bigint)
    LOOP
        IF page.live AND TG_ARGV[1] = 'subtree' THEN PERFORM federation_wake_subtree(page.path);
        ELSIF page.live THEN INSERT INTO federation_wake (key) VALUES ('page:' || page.id); END IF;
        IF TG_ARGV[2] = 'users' AND TG_OP <> 'INSERT' THEN
            PERFORM federation_wake_users('wagtailcore', 'page', page.id::text);
        END IF;
    END LOOP;
    RETURN NULL;
END $$"""

_RESTRICTION = """
CREATE OR REPLACE FUNCTION federation_wake_restriction() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM federation_wake_subtree(path) FROM wagtailcore_page WHERE id = OLD.page_id;
    END IF;
    IF TG_OP = 'INSERT' OR (TG_OP = 'UPDATE' AND NEW.page_id <> OLD.page_id) THEN
        PERFORM federation_wake_subtree(path) FROM wagtailcore_page WHERE id = NEW.page_id;
    END IF;
    RETURN NULL;
END $$"""

# An image or a document. Arguments: app and model. The reference index may be written after the row or before it goes,
# so what a save adds wakes by the page's own row, and what goes is found here.
_USED = """
CREATE OR REPLACE FUNCTION federation_wake_used() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(OLD) = to_jsonb(NEW) THEN RETURN NULL; END IF;
    IF TG_OP <> 'INSERT' THEN PERFORM federation_wake_users(TG_ARGV[0], TG_ARGV[1], OLD.id::text); END IF;
    RETURN NULL;
END $$"""

# Everything in a collection and those below it. One statement of _MEMBERS for each model that lies in collections.
_COLLECTION_USERS = """
CREATE OR REPLACE FUNCTION federation_wake_collection_users(top text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    <members>
END $$"""

_MEMBERS = """
    PERFORM federation_wake_users('{app}', '{model}', thing.id::text)
       FROM "{table}" thing JOIN wagtailcore_collection c ON c.id = thing.collection_id
      WHERE starts_with(c.path, top);"""

_COLLECTION_RESTRICTION = """
CREATE OR REPLACE FUNCTION federation_wake_collection_restriction() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM federation_wake_collection_users(path) FROM wagtailcore_collection WHERE id = OLD.collection_id;
    END IF;
    IF TG_OP = 'INSERT' OR (TG_OP = 'UPDATE' AND NEW.collection_id <> OLD.collection_id) THEN
        PERFORM federation_wake_collection_users(path) FROM wagtailcore_collection WHERE id = NEW.collection_id;
    END IF;
    RETURN NULL;
END $$"""

# A moved collection comes under other restrictions.
_COLLECTION = """
CREATE OR REPLACE FUNCTION federation_wake_collection() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.path IS DISTINCT FROM NEW.path THEN
        PERFORM federation_wake_collection_users(NEW.path);
    END IF;
    RETURN NULL;
END $$"""

_SITE = """
CREATE OR REPLACE FUNCTION federation_wake_site() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO federation_wake (key) VALUES ('site');
    RETURN NULL;
END $$"""

_ALL = (
    _USERS,
    _SUBTREE,
    _PAGE,
    _ROW,
    _RESTRICTION,
    _USED,
    _COLLECTION_USERS,
    _COLLECTION_RESTRICTION,
    _COLLECTION,
    _SITE,
)


def functions(tall: list[str], members: list[tuple[str, str, str]]) -> list[str]:
    """Statements that make the functions. ``tall`` are page types (``app.model``) whose change is one of everything
    below them; ``members`` are (app, model, table) of what lies in collections. All come from models, never from
    outside."""
    names = ", ".join(f"'{name}'" for name in tall) or "''"
    looks = "".join(_MEMBERS.format(app=app, model=model, table=table) for app, model, table in members)
    return [statement.replace("<tall>", names).replace("<members>", looks) for statement in _ALL]
