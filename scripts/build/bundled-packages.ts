/** On the way to `--help`, `check`, the store, and to a replica; everything else that is a dependency stays outside the bundle. */
const bundledPackages = new Set([
  'commander',
  'zod',
  'yaml',
  '@noble/hashes',
  'fastest-levenshtein',
  'picocolors',
  'kysely',
  'prom-client',
  'undici',
]);

/** Whether the build puts a dependency into `dist` itself. */
export const isBundled = (name: string): boolean => bundledPackages.has(name) || name.startsWith('@stdlib/');
