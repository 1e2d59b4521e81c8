import path from 'node:path';

/** Where the records are: a file of the state folder, or the database that the environment names. */
export type StorePlace =
  { readonly kind: 'sqlite'; readonly file: string } | { readonly kind: 'postgresql'; readonly url: string };

/** DATABASE_URL is read from the environment each time, and kept nowhere: it may hold a password. */
export function storePlace(
  stateFolder: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): StorePlace {
  const url = env['DATABASE_URL'] ?? '';
  return url === '' ? { kind: 'sqlite', file: storeFile(stateFolder) } : { kind: 'postgresql', url };
}

export function storeFile(stateFolder: string): string {
  return path.join(stateFolder, 'store.sqlite');
}

/** For people, without a password. @throws PlimsollError `database-url-invalid` (input). */
export async function shownPlace(place: StorePlace): Promise<string> {
  if (place.kind === 'sqlite') return place.file;
  const { parseDatabaseUrl } = await import('../../../adapters/sql/postgres/database-url.ts');
  return parseDatabaseUrl(place.url).shown;
}
