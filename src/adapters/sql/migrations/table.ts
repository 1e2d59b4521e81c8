import type { CreateTableBuilder, Kysely } from 'kysely';

type Column = 'text' | 'text?' | 'integer' | 'integer?' | 'bigint';

/** Every column is stated with its type; a question mark allows null. */
export function table(
  db: Kysely<unknown>,
  name: string,
  columns: Readonly<Record<string, Column>>,
  primaryKey: readonly string[],
): CreateTableBuilder<string, string> {
  let builder: CreateTableBuilder<string, string> = db.schema.createTable(name);
  for (const [column, type] of Object.entries(columns)) {
    const nullable = type.endsWith('?');
    builder = builder.addColumn(
      column,
      nullable ? (type.slice(0, -1) as 'text' | 'integer') : (type as 'text'),
      (spec) => (nullable ? spec : spec.notNull()),
    );
  }
  return builder.addPrimaryKeyConstraint(`${name}_key`, [...primaryKey]);
}
