import { describe, expect, it } from 'vitest';
import { fixedStarts } from '../../core/coldstart/stated-starts.ts';
import { statedCapacity } from '../../core/capacity/read-stated-curve.ts';
import { aRelease } from '../../testing/builders/rollout-builders.ts';
import { makeWorkloadSpareKey } from '../../core/rollout/spare-needs.ts';
import { makeWorkload } from '../../core/rollout/workload.ts';
import type { FleetView } from '../../schemas/view/fleet-view.ts';
import type { CliContext } from '../context.ts';
import { runScaleWarmPool } from './scale-warm-pool.ts';

const nowMs = 1_000_000_000_000;
const minute = 60_000;
const capacity = statedCapacity({ kind: 'slots', slots: 1, speeds: [1], meanWorkMs: 70 });

interface Told {
  readonly service: string;
  /** Milliseconds of starts that took a spare, a minute ago each. */
  readonly taken?: readonly number[];
  /** Minutes before now at which one replica more was ordered. */
  readonly steps: readonly number[];
  readonly devices?: number;
}

/** A fleet whose services step up and back down, and have starts of 40 s. */
function contextOf(
  fleet: readonly Told[],
  kept: Partial<FleetView> = {},
): Pick<CliContext, 'fleet' | 'fleetOperations'> {
  const entries = fleet.map(({ service }) => ({ service, environment: 'prod', live: { release: 1 } }));
  const find = (name: string): Told => fleet.find(({ service }) => service === name) ?? { service: name, steps: [] };
  const context = {
    fleet: async () => ({ plimsollVersion: '0', nowMs, services: entries, ...kept }),
    fleetOperations: async () => ({
      events: async ({ service, kindPrefix }: { service: string; kindPrefix: string }) => {
        if (kindPrefix === 'replica.ready') return readyEvents(find(service).taken ?? []);
        return find(service).steps.flatMap((ago, index) => [
          { kind: 'scaling.decided', seq: 2 * index, atMs: nowMs - ago * minute, data: { before: 1, desired: 2 } },
          {
            kind: 'scaling.decided',
            seq: 2 * index + 1,
            atMs: nowMs - (ago - 1) * minute,
            data: { before: 2, desired: 1 },
          },
        ]);
      },
      scalingDecision: async () => ({
        record: {
          release: 1,
          grounds: {
            input: {
              starts: fixedStarts(40_000),
              capacity,
              terms: { acceleratorSecondPrice: 1, lateRequestPrice: 10 },
            },
          },
        },
      }),
      releases: async (service: string) => {
        const release = aRelease(1);
        const { devices } = find(service);
        return [devices === undefined ? release : { ...release, code: { ...release.code, devices } }];
      },
    }),
  };
  return context as unknown as Pick<CliContext, 'fleet' | 'fleetOperations'>;
}

const readyEvents = (tookMs: readonly number[]) =>
  [...tookMs, null].map((took, index) => ({
    ...{ kind: 'replica.ready', seq: 1_000 + index, atMs: nowMs - minute },
    // The last one started without a spare.
    data: { startedAtMs: 0, readyAtMs: took ?? 40_000, ...(took === null ? {} : { spare: 'spare-1' }) },
  }));

const run = (context: Pick<CliContext, 'fleet' | 'fleetOperations'>, options: object = { withSpare: '5s' }) =>
  runScaleWarmPool(context, { path: ['warm-pool'], args: [], options: { ...options }, json: false });

describe('plimsoll scale warm-pool', () => {
  it('needs fewer spares together than alone, where services start at different times', async () => {
    // Each starts four times in 100 minutes: 160 s of 6,000 s, which is more than a spare costs.
    const fleet = ['a', 'b', 'c'].map((service, index) => ({
      service,
      steps: [100, 75, 50, 25].map((ago) => ago - 3 * index),
    }));
    const { text, json, exit } = await run(contextOf(fleet));
    expect(exit).toBe(0);
    expect(text).toContain('prod: 3 services that one spare fits, 12 starts in 1h 40m');
    expect(text).toMatch(/^a +4 +1$/m);
    expect(text).toContain('spares: 1 together, 3 where each service keeps its own');
    expect(text).toContain('more than 1 starts fall within 40s for 0% of the time');
    expect(text).toContain('starts that found a spare: 100% together, 100% alone');
    expect(text).toContain('price: 3600 an hour');
    expect(text).toContain('12 starts say little: 20 at least');
    expect(json).toMatchObject({
      environments: [{ environment: 'prod', pools: [{ joint: { spares: 1 }, alone: 3 }] }],
    });
  });

  it('tells what is kept, and what starts that took a spare lasted', async () => {
    const { code, model } = aRelease(1);
    const fits = makeWorkloadSpareKey(makeWorkload(code, model));
    const own = { environment: 'prod', fits, services: ['a'], wanted: 2, free: 1, starting: 1, taken: 3 };
    const fleet = [
      { service: 'a', steps: [100, 50], taken: [5_000, 7_000] },
      { service: 'b', steps: [80], taken: [6_000] },
    ];
    const { text, json } = await run(contextOf(fleet, { spares: [{ ...own, environment: 'test', wanted: 9 }, own] }));
    expect(text).toContain('kept: 2 asked for, 1 free, 1 starting; taken by replicas that run: 3');
    expect(text).toContain('starts that took a spare: 3, median 6s');
    expect(json).toMatchObject({ environments: [{ pools: [{ standing: { wanted: 2 }, taken: { starts: 3 } }] }] });
    const none = await run(contextOf([{ service: 'a', steps: [100] }]));
    expect(none.text).toContain('kept: none; next: write `warmPool: N` into the record');
    expect(none.text).not.toContain('starts that took a spare');
  });

  it('keeps services apart that need other devices', async () => {
    const { json } = await run(
      contextOf([
        { service: 'a', steps: [100, 50] },
        { service: 'b', steps: [100, 50], devices: 2 },
      ]),
    );
    expect(json).toMatchObject({ environments: [{ pools: [{ services: [{}] }, { services: [{}] }] }] });
  });

  it('says so where nothing was ever decided, and where no control plane answers', async () => {
    expect((await run(contextOf([{ service: 'a', steps: [] }]))).text).toContain('no live service has a decision');
    const away = { fleet: async () => null, fleetOperations: async () => null };
    await expect(run(away)).rejects.toMatchObject({ code: 'no-control-plane', next: 'plimsoll up' });
  });

  it.each([['soon'], ['0s']])('refuses %s as a duration', async (withSpare) => {
    await expect(run(contextOf([]), { withSpare })).rejects.toMatchObject({
      code: 'option-invalid',
      category: 'input',
    });
  });
});
