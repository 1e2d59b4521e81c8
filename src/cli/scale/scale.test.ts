import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { plimsollPolicy } from '../../core/scaling/own/plimsoll.ts';
import { minimalContract } from '../../testing/builders/contract-texts.ts';
import { runCommandLine } from '../../testing/rigs/command-line.ts';
import { makeMemoryProject } from '../../testing/fakes/memory/memory-project.ts';
import { aLearned, aRatio, tellingPolicy } from '../../testing/builders/scaling/learned-builders.ts';
import { reactivePolicy } from '../../testing/builders/scaling/reactive-policy.ts';
import { ScalingRig, scaledBetween } from '../../testing/rigs/scaling/scaling-rig.ts';

let rig: ScalingRig;
beforeEach(() => {
  rig = new ScalingRig();
  rig.policy = plimsollPolicy;
});
afterEach(() => rig.stop());

const run = (...argv: readonly string[]) =>
  runCommandLine(argv, {
    project: makeMemoryProject({ contract: minimalContract }),
    operations: rig.operations(),
    controlPlane: 'http://127.0.0.1:7070',
  });
interface Explained {
  readonly decisions: readonly { readonly seq: number; readonly identical: boolean; readonly differences: string[] }[];
}
const explained = async (...argv: readonly string[]): Promise<Explained['decisions']> =>
  (JSON.parse((await run('scale', 'explain', '--json', ...argv)).out) as Explained).decisions;

describe('plimsoll scale explain', () => {
  it('shows what the newest decision saw and why, and decides it again', async () => {
    await rig.serve();
    await rig.traffic(20, 200);
    const { exit, out } = await run('scale', 'explain');
    expect(exit).toBe(0);
    expect(out).toMatch(/^decision {2}\d+, 20\d\d-.* \(UTC\), policy plimsoll of Plimsoll 0\.0\.0$/m);
    expect(out).toMatch(/^result +release 1 has 4 \(before: \d\)$/m);
    expect(out).toMatch(/^reason +.* requests\/s expected/m);
    expect(out).toMatch(/^signals +queue 0, in flight 200, arrivals \d+\/s/m);
    expect(out).toMatch(/^start +half within .* \(\d starts\)$/m);
    expect(out).toMatch(/^capacity +50 requests\/s by one replica, 2 under way$/m);
    expect(out).toMatch(/^terms +1 to 4 replicas; 99% within 100 ms$/m);
    expect(out).toMatch(/^ +forDemand [\d.]+$/m);
    expect(out).toMatch(/^replay +bit-identical$/m);
  });

  it('takes one by its number, or the newest, and decides every one of them the same', async () => {
    await rig.serve();
    for (const load of [200, 1, 120]) await rig.traffic(40, load);
    const all = await explained('--last', '200');
    expect(all.length).toBeGreaterThanOrEqual(3);
    expect(all.every(({ identical }) => identical)).toBe(true);
    const [first] = all;
    expect(await explained(String(first?.seq))).toEqual([first]);
    expect((await run('scale', 'explain', '--last', '2')).out.trimEnd().split('\n')).toHaveLength(3);
  });

  it('fails for a decision that does not come out the same, and says how it differs', async () => {
    await rig.serve();
    await rig.traffic(20, 200);
    const { record, seq } = await rig.operations().scalingDecision({
      service: 'digits',
      environment: 'default',
      seq: (await explained())[0]?.seq ?? 0,
    });
    const operations = {
      ...rig.operations(),
      scalingDecision: async () => ({ seq, record: { ...record, order: { ...record.order, desired: 2 } } }),
    };
    const { exit, out } = await runCommandLine(['scale', 'explain', String(seq)], {
      project: makeMemoryProject({ contract: minimalContract }),
      operations,
    });
    expect(exit).toBe(1);
    expect(out).toMatch(/^replay +DIFFERS\n {2}order\.desired: recorded 2, replayed 4$/m);
  });

  it('fails for a decision of a policy that it does not have', async () => {
    rig.policy = reactivePolicy(2);
    await rig.serve();
    expect(await run('scale', 'explain')).toMatchObject({
      exit: 1,
      out: expect.stringContaining('the policy reactive is not one of this version'),
    });
  });

  it('says what is missing, and what is wrong with the question', async () => {
    await rig.start();
    expect(await run('scale', 'explain')).toMatchObject({ exit: 3, err: expect.stringContaining('no decision') });
    expect(await run('scale', 'explain', '7')).toMatchObject({ exit: 2, err: expect.stringContaining('event 7') });
    expect((await run('scale', 'explain', 'seven')).exit).toBe(2);
    expect((await run('scale', 'explain', '--last', '201')).err).toContain('from 1 to 200');
    expect((await run('scale', 'explain', '7', '--last', '2')).err).toContain('not both');
  });
});

describe('what scaling learned of its evidence', () => {
  const half = aRatio(0.52, { lower: 0.48, upper: 0.56, samples: 1_240 });
  const capacity = 'a replica carries 52% (48% to 56%, 1,240 answers) of the 50 requests/s told: 26 requests/s';

  it('stands in explain and status beside what was told, and since when it is not trusted', async () => {
    const sinceMs = rig.clock.nowMs();
    rig.policy = tellingPolicy(2, () => aLearned({ capacity: half, trusted: false, distrustedSinceMs: sinceMs }));
    rig.scaling = { ...rig.scaling, capacityDoubt: 'a replica carried half for 5m 0s' };
    await rig.serve();
    await rig.traffic(20, 6);
    const distrusted = /acts on feedback alone for \d+s, because what it promised did not come true/;
    for (const { out } of [await run('scale', 'explain'), await run('scale', 'status')]) {
      expect(out).toContain(`learned   ${capacity}\n`);
      expect(out).toMatch(/^ +a start takes 100% \(95% to 105%, 1,000 starts\) of the [\d.]+ s told: [\d.]+ s$/m);
      expect(out).toMatch(new RegExp(`^evidence +${distrusted.source}$`, 'm'));
      expect(out).toMatch(/^capacity +no longer holds: a replica carried half for 5m 0s$/m);
      expect(out).toContain('decided by what was told and what is learned of it; next: plimsoll capacity');
    }
    const { out } = await run('status');
    expect(out).toMatch(distrusted);
    expect(out).toContain(
      'capacity evidence no longer holds: a replica carried half for 5m 0s; next: plimsoll capacity',
    );
    const learned = { capacity: half, trusted: false, told: { ratePerSecond: 50 } };
    expect(JSON.parse((await run('status', '--json')).out)).toMatchObject({ scaling: { learned } });
  });

  it('is no news in the status of a service while it agrees', async () => {
    rig.policy = tellingPolicy(2, () => aLearned());
    await rig.serve();
    await rig.traffic(5, 6);
    expect((await run('scale', 'status')).out).toMatch(/^evidence +decides by it$/m);
    expect((await run('status')).out).not.toMatch(/feedback|no longer holds/);
  });
});

describe('plimsoll scale status', () => {
  it('shows signals, replicas and the last decision', async () => {
    await rig.serve();
    await rig.traffic(20, 200);
    const { exit, out } = await run('scale', 'status');
    expect(exit).toBe(0);
    expect(out).toMatch(/^scaling +1 to 4 replicas by policy plimsoll; Plimsoll sets the number$/m);
    expect(out).toMatch(/^ordered +4$/m);
    expect(out).toMatch(/^signals +queue 0, in flight 200, arrivals 200\/s, answers 200\/s, with a replica unknown/m);
    expect(out).toMatch(/^replicas +4 ready$/m);
    expect(out).toMatch(/^decided +4 \(before: \d\) at /m);
    expect(JSON.parse((await run('scale', 'status', '--json')).out)).toMatchObject({
      scaling: { desired: 4, ordered: 4, actuator: 'plimsoll', held: null },
      replicas: { ready: 4 },
      last: { desired: 4 },
    });
  });

  it('says why nothing is decided, and what is unknown', async () => {
    rig.scaling = { ...rig.scaling, capacity: null };
    await rig.serve();
    const { out } = await run('scale', 'status');
    expect(out).toMatch(/^held +what one replica carries is not known.*plimsoll capacity$/m);
    expect(out).toMatch(/^decided +nothing yet$/m);
  });

  it('says that nothing scales a service with one number of replicas', async () => {
    await rig.serve(scaledBetween(1, 1));
    expect((await run('scale', 'status')).out).toContain('nothing scales this service');
  });
});

describe('plimsoll status', () => {
  it('says how many replicas are ordered, and why', async () => {
    await rig.serve();
    await rig.traffic(20, 200);
    expect((await run('status')).out).toMatch(/^scaling +4 replicas of 1 to 4: .* requests\/s expected/m);
  });

  it('says who sets the number where that is another one', async () => {
    rig.scaling = { ...rig.scaling, actuator: 'keda' };
    await rig.serve();
    await rig.traffic(20, 200);
    expect((await run('status')).out).toMatch(/^scaling +1 to 4 replicas, set by keda; Plimsoll would have 3: /m);
  });
});
