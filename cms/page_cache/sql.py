"""The triggers' functions and the statements that make the triggers. They carry no news but that there is some: what
was kept before is then worth nothing, whatever it shows."""

from __future__ import annotations

from dataclasses import dataclass

CHANNEL = "cms_readers"
TRIGGER = "cms_readers"
OPERATIONS = ("INSERT", "UPDATE", "DELETE", "TRUNCATE")

# PostgreSQL hands a notification out when the transaction commits, and once for many equal ones.
_TELL = """
CREATE OR REPLACE FUNCTION cms_tell_readers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('<channel>', '');
    RETURN NULL;
END $$"""

# A row that belongs to a page: a draft's rows are nobody's business. The argument is the column that names the page.
_TELL_OF_PAGE = """
CREATE OR REPLACE FUNCTION cms_tell_readers_of_page() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before jsonb;
    after jsonb;
BEGIN
    IF TG_OP <> 'INSERT' THEN before := to_jsonb(OLD); END IF;
    IF TG_OP <> 'DELETE' THEN after := to_jsonb(NEW); END IF;
    IF EXISTS (SELECT 1 FROM wagtailcore_page
                WHERE live AND id IN ((before ->> TG_ARGV[0])::bigint, (after ->> TG_ARGV[0])::bigint))
    THEN PERFORM pg_notify('<channel>', ''); END IF;
    RETURN NULL;
END $$"""

FUNCTIONS = tuple(each.replace("<channel>", CHANNEL) for each in (_TELL, _TELL_OF_PAGE))
_CHANGED = "to_jsonb(OLD) IS DISTINCT FROM to_jsonb(NEW)"


@dataclass(frozen=True, slots=True)
class Watch:
    """One table. The conditions are SQL over OLD and NEW, ``None`` for an operation that readers never notice.
    ``page_column`` is set where the row belongs to the page in that column."""

    table: str
    insert: str | None = "true"
    update: str | None = _CHANGED
    delete: str | None = "true"
    page_column: str | None = None

    def statements(self) -> list[str]:
        """Makes the triggers, or makes them anew."""
        call = "cms_tell_readers()" if self.page_column is None else f"cms_tell_readers_of_page('{self.page_column}')"
        rows = [
            f"{_create(self.table, operation)} FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION {call}"
            for operation, condition in self._conditions()
        ]
        return [*rows, f"{_create(self.table, 'TRUNCATE')} FOR EACH STATEMENT EXECUTE FUNCTION cms_tell_readers()"]

    def triggers(self) -> set[tuple[str, str]]:
        """(table, trigger) of each."""
        operations = [*(operation for operation, _ in self._conditions()), "TRUNCATE"]
        return {(self.table, trigger_name(operation)) for operation in operations}

    def _conditions(self) -> list[tuple[str, str]]:
        pairs = zip(OPERATIONS, (self.insert, self.update, self.delete), strict=False)
        return [(operation, condition) for operation, condition in pairs if condition is not None]


def columns_changed(columns: tuple[str, ...]) -> str:
    """For a table of which readers see only these columns."""
    old, new = (", ".join(f'{row}."{column}"' for column in columns) for row in ("OLD", "NEW"))
    return f"ROW({old}) IS DISTINCT FROM ROW({new})"


def changed_but_for(columns: tuple[str, ...]) -> str:
    """For a table of which readers see everything else, also columns that nobody thought of."""
    names = ", ".join(f"'{column}'" for column in columns)
    return f"to_jsonb(OLD) - ARRAY[{names}] IS DISTINCT FROM to_jsonb(NEW) - ARRAY[{names}]"


def trigger_name(operation: str) -> str:
    return f"{TRIGGER}_{operation.lower()}"


def _create(table: str, operation: str) -> str:
    return f'CREATE OR REPLACE TRIGGER {trigger_name(operation)} AFTER {operation} ON "{table}"'
