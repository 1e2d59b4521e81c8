import { describe, expect, it } from 'vitest';
import { buildDevice } from '../../../testing/builders/pools/hardware-builders.ts';
import { acceleratorClassOf, type CpuClass } from './device-class.ts';
import { readMeasuredClasses } from './measured-classes.ts';

const cpu: CpuClass = { accelerator: 'cpu', arch: 'x64', model: 'AMD EPYC 7763' };
const a100 = acceleratorClassOf(buildDevice());
const measured = (...facts: readonly unknown[]) => ({
  classes: Object.fromEntries(facts.map((one, index) => [`sha256:${index}`, { facts: one }])),
});

describe('the classes of hardware evidence', () => {
  it('come back as they were measured, over JSON', () => {
    expect(readMeasuredClasses(JSON.parse(JSON.stringify(measured(cpu, a100))))).toEqual([cpu, a100]);
  });

  it.each<[string, Readonly<Record<string, unknown>>]>([
    ['nothing', {}],
    ['a list', { classes: [cpu] }],
    ['a class without facts', { classes: { a: { description: 'x' } } }],
    ['facts that are no class', measured({ accelerator: 'tpu' }, 7, null)],
    ['a class with a fact of another type', measured({ ...cpu, model: 7 }, { ...a100, driver: 570 })],
    ['a class with a fact missing', measured({ ...a100, eccEnabled: undefined })],
  ])('are none for %s', (_, edited) => expect(readMeasuredClasses(edited)).toEqual([]));
});
