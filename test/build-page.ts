import { rmSync } from 'node:fs';
import path from 'node:path';
import { buildPage } from '../examples/digits/start/page.ts';

const dashboard = path.join(import.meta.dirname, '..', 'dashboard');
/** Two projects of a tier run in one process, and each asks for the page. */
const alreadyBuilt = 'PLIMSOLL_TEST_PAGE_BUILT';

/**
 * Builds the page once, before the files of a tier run side by side: whoever built it later would empty the folder
 * under the others. Tests never run against a build of yesterday, so that an older one is not kept.
 */
export default async function buildPageOnce(): Promise<void> {
  if (process.env[alreadyBuilt] !== undefined) return;
  process.env[alreadyBuilt] = 'yes';
  rmSync(path.join(dashboard, 'dist', 'sources.sha256'), { force: true });
  await buildPage(dashboard, new AbortController().signal);
}
