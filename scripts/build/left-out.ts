/** Parts of packages that nothing here uses, and that a bundler cannot know to be unused: methods of classes bring them. */

/** Of Kysely: other schemas, MERGE, CASE, views, types, indexes of other databases, and reading the tables of a database. */
const unused = [
  'plugin/with-schema/with-schema-plugin.js',
  'query-builder/merge-query-builder.js',
  'query-builder/case-builder.js',
  'query-builder/json-path-builder.js',
  'schema/create-view-builder.js',
  'schema/drop-view-builder.js',
  'schema/refresh-materialized-view-builder.js',
  'schema/create-type-builder.js',
  'schema/drop-type-builder.js',
  'schema/alter-table-add-index-builder.js',
  'dialect/postgres/postgres-introspector.js',
  'dialect/sqlite/sqlite-introspector.js',
] as const;

/** What esbuild loads in the place of a file: null for a file that stays as it is. */
export function leftOutModule(file: string, read: (file: string) => string): string | null {
  const found = unused.find((name) => file.replaceAll('\\', '/').endsWith(`/node_modules/kysely/dist/${name}`));
  return found === undefined ? null : throwingModule(found, read(file));
}

/**
 * The same exported classes, each of which says that it was left out as soon as somebody makes one.
 * @throws Error where the file exports anything else: then it has to be looked at anew what leaving it out means.
 */
function throwingModule(name: string, source: string): string {
  const classes = [...source.matchAll(/^export class (\w+)/gm)].map(([, found]) => found ?? '');
  const exported = source.match(/^export\b/gm)?.length ?? 0;
  if (classes.length === 0 || exported !== classes.length)
    throw new Error(`${name} of Kysely exports more than classes`);
  const message = JSON.stringify(`Kysely's ${name} is not in this bundle: see scripts/build/left-out.ts`);
  return classes.map((found) => `export class ${found} { constructor() { throw new Error(${message}); } }`).join('\n');
}
