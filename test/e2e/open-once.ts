import type { Browser } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { type FakeControlPlane, startFakeControlPlane } from '../../dashboard/dev/fake-control-plane.ts';
import type { Scenario } from '../../dashboard/dev/fake-world.ts';
import { type OpenPage, openPage } from './browser.ts';

type SharedPage = OpenPage & { readonly fake: FakeControlPlane };

/**
 * Opens a page once for all tests of a group, because opening it takes most of the time of a test. A test that changes
 * what the page shows leaves it as it was, or is the last of its group.
 */
export function openOnce(
  browser: () => Browser,
  scenario: Scenario,
  options: Parameters<typeof openPage>[2] = {},
): () => SharedPage {
  let shared: SharedPage | undefined;
  beforeAll(async () => {
    const fake = await startFakeControlPlane({ scenario, port: 0 });
    shared = { ...(await openPage(browser(), fake.url, options)), fake };
  });
  afterAll(async () => {
    await shared?.context.close();
    await shared?.fake.close();
  });
  return () => {
    if (shared === undefined) throw new Error(`the page ${scenario} could not be opened`);
    return shared;
  };
}
