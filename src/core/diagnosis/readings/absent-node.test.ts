import { expect, it } from 'vitest';
import { suspectCauses } from '../order/suspect-causes.ts';
import { makeAbsentNode } from './absent-node.ts';
import { measureWindow } from './measure-window.ts';

const parts = { service: null, waterfall: null, generator: null };
const windowOf = (hasNoDevice: boolean) =>
  measureWindow(makeAbsentNode(0, 'elsewhere', hasNoDevice), makeAbsentNode(9_000, 'elsewhere', hasNoDevice), parts);

it('is a node that nothing is known of, so that it suspects nothing and clears nothing', () => {
  const window = windowOf(false);
  expect(Object.values(window.values).filter((reading) => 'value' in reading)).toEqual([]);
  const { suspected, cleared, notRead } = suspectCauses(window);
  expect([suspected, cleared]).toEqual([[], []]);
  expect(notRead.flatMap(({ missing }) => missing).map(({ reason }) => reason)).toContain('elsewhere');
  expect(window).toMatchObject({ windowMs: 9_000, engine: 'accelerator', ceilingsAtMs: null });
});

it('knows that a replica has no accelerator where its platform says so', () => {
  expect(windowOf(true).engine).toBe('cpu');
});
