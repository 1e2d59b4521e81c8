import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LearnedEvidence } from '../../core/scaling/policy.ts';
import { readScalingRecord } from '../../schemas/scaling-record.ts';
import { aLearned, aRatio, tellingPolicy } from '../../testing/builders/scaling/learned-builders.ts';
import { testEnvironment as environment, testService as service } from '../../testing/builders/rollout-builders.ts';
import { ScalingRig } from '../../testing/rigs/scaling/scaling-rig.ts';
import { digestOf } from '../../core/units/digest.ts';

let rig: ScalingRig;
let learned: LearnedEvidence;
beforeEach(() => {
  rig = new ScalingRig();
  learned = aLearned();
  rig.policy = tellingPolicy(2, () => learned);
});
afterEach(() => rig.stop());

const eventsOf = (kindPrefix: string) => rig.store.events({ service, environment, kindPrefix });
const view = async () => (await rig.operations().view(service, environment)).scaling;
const invalidations = async () =>
  (await rig.store.invalidations(service, environment)).map(({ kind, remedy }) => [kind, remedy]);
const half = aRatio(0.52, { lower: 0.48, upper: 0.56, samples: 1_240 });

describe('what a policy learns of its evidence', () => {
  it('is recorded with its decisions, and shown with what was told', async () => {
    learned = aLearned({ capacity: half });
    await rig.serve();
    await rig.traffic(5, 6);
    const told = { ratePerSecond: 50 };
    expect(await view()).toMatchObject({ learned: { capacity: half, trusted: true, told }, ordered: 3 });
    const record = readScalingRecord((await rig.store.scalingMemory(service, environment)) ?? {});
    expect(record?.decision.learned).toEqual(learned);
    const metrics = await rig.controlPlane.metrics.text();
    const labels = `service="${service}",environment="${environment}"`;
    const ratio = (value: string): string => `scaling_learned_ratio{${labels},of="capacity",value="${value}"}`;
    expect(metrics).toContain(`${ratio('estimate')} 0.52\n`);
    expect(metrics).toContain(`${ratio('upper')} 0.56\n`);
    expect(metrics).toContain(`scaling_learned_samples{${labels},of="capacity"} 1240\n`);
    expect(metrics).toContain(`scaling_evidence_trusted{${labels}} 1\n`);
  });

  it('has no sample where the policy learns nothing', async () => {
    rig.policy = {
      ...rig.policy,
      decide: (_input, state) => ({ decision: { desired: 1, reason: '', terms: {} }, state }),
    };
    await rig.serve();
    await rig.traffic(3, 1);
    expect(await view()).not.toHaveProperty('learned');
    expect(await rig.controlPlane.metrics.text()).not.toContain('scaling_evidence_trusted{');
  });

  it('is an event when trust is lost, and when it is back, each once', async () => {
    await rig.serve();
    const sinceMs = rig.clock.nowMs();
    learned = aLearned({ capacity: half, trusted: false, distrustedSinceMs: sinceMs });
    await rig.traffic(60, 6);
    learned = aLearned({ capacity: half });
    await rig.traffic(5, 6);
    const trust = await eventsOf('scaling.trust');
    expect(trust.map(({ kind, by }) => [kind, by])).toEqual([
      ['scaling.trust-lost', 'control-plane'],
      ['scaling.trust-back', 'control-plane'],
    ]);
    expect(trust[0]?.summary).toContain(
      'acts on feedback alone: what it promised by its evidence did not come true; a replica carries 52% (48% to 56%, 1,240 answers) of the 50 requests/s told: 26 requests/s',
    );
    expect(trust[1]?.summary).toMatch(/decides by its evidence again, after 1m \ds of feedback alone/);
    expect(trust[1]?.data).toMatchObject({ lastedMs: expect.closeTo(60_000, -4) });
  });

  it('is not lost twice over a kill of the control plane', async () => {
    await rig.serve();
    learned = aLearned({ trusted: false, distrustedSinceMs: rig.clock.nowMs() });
    await rig.traffic(5, 6);
    await rig.crash();
    await rig.start('host:boot:2:2');
    await rig.traffic(10, 6);
    expect(await rig.events('scaling.trust')).toEqual(['scaling.trust-lost']);
    expect(await view()).toMatchObject({ learned: { trusted: false } });
  });

  it('invalidates the capacity that it contradicts for five minutes, and scaling goes on', async () => {
    await rig.serve();
    const measured = { evidence: digestOf('capacity'), measuredAtMs: rig.clock.nowMs(), remedy: 'plimsoll capacity' };
    rig.evidence = { measured: async (kind) => (kind === 'capacity' ? measured : null) };
    await rig.crash();
    await rig.start('host:boot:2:2');
    learned = aLearned({ capacity: half, starts: aRatio(3) });
    await rig.traffic(250, 6);
    expect(await invalidations()).toEqual([]);
    await rig.traffic(120, 6);
    expect(await invalidations()).toEqual([['capacity', 'plimsoll capacity']]);
    expect((await eventsOf('capacity.')).map(({ summary }) => summary)).toEqual([
      expect.stringMatching(/^The capacity evidence no longer holds: for 5m .*52%.*; next: plimsoll capacity$/),
    ]);
    // As the judgement of the evidence says it from now on.
    rig.scaling = { ...rig.scaling, capacityDoubt: 'a replica carries half' };
    await rig.traffic(75, 8);
    expect(rig.running()).toBe(4);
    expect(await view()).toMatchObject({ held: null, doubt: 'a replica carries half', ordered: 4 });
    const record = readScalingRecord((await rig.store.scalingMemory(service, environment)) ?? {});
    expect(record?.capacityDoubt).toBe('a replica carries half');
  });
});
