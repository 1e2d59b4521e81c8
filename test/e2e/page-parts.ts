import type { Page } from 'playwright-core';
import { expect } from 'vitest';

/* What several files read on the page of a service, and do there. */

export const outcome = (page: Page): ReturnType<Page['locator']> => page.locator('.try-outcome');

export const icon = (page: Page): Promise<string | null> => page.locator('link[rel="icon"]').getAttribute('href');
export const said = async (page: Page): Promise<string> =>
  (await page.locator('.health-said, .health > .health-next').allInnerTexts()).join(' ').replaceAll(/\s+/g, ' ').trim();

/** Draws a stroke through points given as shares of the pad. */
export async function drawWithMouse(page: Page, points: readonly (readonly [number, number])[]): Promise<void> {
  await page.locator('.pad').scrollIntoViewIfNeeded();
  const box = await page.locator('.pad').boundingBox();
  if (box === null) throw new Error('there is no pad');
  const at = ([x, y]: readonly [number, number]): [number, number] => [box.x + x * box.width, box.y + y * box.height];
  await page.mouse.move(...at(points[0] ?? [0, 0]));
  await page.mouse.down();
  for (const point of points.slice(1)) await page.mouse.move(...at(point), { steps: 12 });
  await page.mouse.up();
}

/** Room that is left empty from the end of what each part shows to the end of its place; lists of replicas and starts keep room for one more. */
export async function expectNothingEmpty(page: Page, look: string, graphRoomPx: number): Promise<void> {
  const emptyPx = (await page.evaluate(`(() => {
    const endOf = (part) => Math.max(...[...part.querySelectorAll('*')]
      .filter((each) => !each.matches('.room') && (each.matches('.scroll-y') || (each.children.length === 0 && each.closest('.scroll-y') === null)))
      .map((each) => each.getBoundingClientRect().bottom));
    const columns = document.querySelector('.columns').getBoundingClientRect();
    const tryIt = document.querySelector('#try-it').getBoundingClientRect();
    const [main, releases, last, starts, models] = ['.column', '#releases', '#try-it', '#starts', '#models']
      .map((part) => endOf(document.querySelector(part)));
    return {
      main: columns.bottom - main,
      releases: tryIt.top - releases,
      last: columns.bottom - last,
      starts: document.querySelector('#evidence').getBoundingClientRect().top - starts,
      models: document.querySelector('#models').getBoundingClientRect().bottom - models,
    };
  })()`)) as Record<string, number>;
  for (const part of ['main', 'starts']) expect(emptyPx[part], `${part}, ${look}`).toBeLessThan(110);
  for (const part of ['releases', 'last', 'models']) expect(emptyPx[part], `${part}, ${look}`).toBeLessThan(60);
  const { box, sheet } = (await page.evaluate(`(() => {
    const box = document.querySelector('.lineage-box');
    return { box: box.clientWidth, sheet: box.firstElementChild.offsetWidth };
  })()`)) as { box: number; sheet: number };
  // A graph of two layers stands no further apart than it is read well.
  expect(box - sheet, look).toBeLessThan(graphRoomPx);
}
