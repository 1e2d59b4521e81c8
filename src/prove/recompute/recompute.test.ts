/** An edited lock against `check --recompute`, with and without a key. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Evidence, EvidenceKind } from '../../core/evidence/lock/lock.ts';
import type { MemoryBlobs } from '../../testing/fakes/memory/memory-blobs.ts';
import { ReleaseWorld } from '../../testing/rigs/release-world.ts';

/** 40 rows, labelled by their first pixel; the model is wrong on four of them. */
const rows = Array.from({ length: 40 }, (_, at) => ({ image: [at % 2, 0, 0, at / 40], label: at % 2 }));
const gates = 'gates: [{ metric: accuracy, atLeast: 50% }, { metric: f1-macro, noWorseThan: candidate, margin: 50% }]';

let world: ReleaseWorld;
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-recompute-'));
  world = await ReleaseWorld.open();
  world.client.answer = (_endpoint, _model, inputs) => {
    const data = inputs[0]?.data ?? [];
    const count = data.length / 4;
    const scores = Array.from({ length: count }, (_, row) => {
      const isOne = (data[row * 4] === 1) !== (Number(data[row * 4 + 3]) * 40) % 10 < 0.5;
      return isOne ? [0.2, 0.8] : [0.8, 0.2];
    });
    return [{ name: 'probabilities', datatype: 'FP32', shape: [count, 2], data: scores.flat() }];
  };
});
afterEach(async () => {
  await world.close();
  await rm(folder, { recursive: true });
});

async function evaluated(evaluation = gates): Promise<void> {
  const file = path.join(world.folder, 'plimsoll.yaml');
  await writeFile(file, `${await readFile(file, 'utf8')}evaluation:\n  dataset: holdout\n  ${evaluation}\n`);
  const stored = await world.blobs.put(
    new TextEncoder().encode(rows.map((row) => `${JSON.stringify(row)}\n`).join('')),
  );
  await world.operations().addDataVersion({
    environment: 'default',
    name: 'holdout',
    digest: stored.digest,
    files: [{ path: 'rows.jsonl', digest: stored.digest, bytes: stored.bytes }],
    rows: rows.length,
    columns: [],
  });
  await world.run('pin');
  await world.run('golden', 'record');
  await world.run('evaluate');
}

const edit = (kind: EvidenceKind, change: (evidence: Evidence) => Evidence): Promise<void> =>
  world.project.changeLock((lock) => {
    const locked = lock?.environments['default'];
    const evidence = locked?.evidence[kind];
    if (lock === null || locked === undefined || evidence === undefined) throw new Error('nothing to edit');
    const changed = { ...locked, evidence: { ...locked.evidence, [kind]: change(evidence) } };
    return { ...lock, environments: { default: changed } };
  });
const measured = (evidence: Evidence, change: Evidence['measurements']): Evidence => ({
  ...evidence,
  measurements: { ...evidence.measurements, ...change },
});
const edited = (evidence: Evidence, from: string, to: string): Evidence => {
  const text = JSON.stringify(evidence.measurements);
  if (!text.includes(from)) throw new Error(`${from} is not in ${text}`);
  return { ...evidence, measurements: JSON.parse(text.replaceAll(from, to)) as Evidence['measurements'] };
};

describe('plimsoll check --recompute', () => {
  it('passes what was measured, without running a model', async () => {
    await evaluated();
    const asked = world.client.asked.length;
    expect(await world.run('check', '--recompute')).toMatchObject({ exit: 0, err: '' });
    expect(world.client.asked).toHaveLength(asked);
  });

  it.each<readonly [string, EvidenceKind, (evidence: Evidence) => Evidence, string]>([
    [
      'a share of right answers',
      'evaluation',
      (of) => edited(of, '"successes":36', '"successes":40'),
      'proportion.successes is 40 in the lock and 36',
    ],
    ['a value', 'evaluation', (of) => edited(of, '"value":0.898', '"value":0.998'), 'f1-macro.value is 0.998'],
    [
      'the rows',
      'evaluation',
      (of) => edited(of, '"name":"holdout","rows":40', '"name":"holdout","rows":4000'),
      '4000 in the lock and 40',
    ],
    [
      'the number of golden cases',
      'golden',
      (of) => measured(of, { cases: 99, reproducedCases: 99 }),
      'cases is 99 in the lock',
    ],
  ])('fails an edit of %s', async (_what, kind, change, reason) => {
    await evaluated();
    await edit(kind, change);
    const { exit, out } = await world.run('check', '--recompute', '--json');
    expect([exit, out]).toEqual([1, expect.stringContaining(reason)]);
    expect((await world.run('check')).exit).toBe(0);
  });

  it('fails an edit that a stolen key signed', async () => {
    await evaluated();
    await world.run('key', 'create', 'ci', '--out', path.join(folder, 'ci.key'));
    const created = await world.run('key', 'create', 'stolen', '--out', path.join(folder, 'stolen.key'));
    const policy = path.join(folder, 'policy.yaml');
    await writeFile(policy, `keys:\n  ${created.out.trim()}\nevidenceFrom: { any: { keys: [stolen] } }\n`);
    await edit('evaluation', (of) => edited(of, '"successes":36', '"successes":40'));
    await world.run('evidence', 'sign', '--key', path.join(folder, 'stolen.key'));
    expect((await world.run('check', '--trust', policy)).exit).toBe(0);
    const { exit, out } = await world.run('check', '--trust', policy, '--recompute');
    expect([exit, out]).toEqual([1, expect.stringContaining('36')]);
  });

  it('does not know where what was stored is gone, unless a key of the policy signed it', async () => {
    await evaluated();
    const predictions = (await world.project.lock())?.environments['default']?.evidence.evaluation?.measurements[
      'predictions'
    ];
    (world.blobs as MemoryBlobs).lose(predictions as `sha256:${string}`);
    expect((await world.run('check', '--recompute')).exit).toBe(3);
    const created = await world.run('key', 'create', 'ci', '--out', path.join(folder, 'ci.key'));
    const policy = path.join(folder, 'policy.yaml');
    await writeFile(policy, `keys:\n  ${created.out.trim()}\nevidenceFrom: { any: { keys: [ci] } }\n`);
    await world.run('evidence', 'sign', '--key', path.join(folder, 'ci.key'));
    expect((await world.run('check', '--trust', policy, '--recompute')).exit).toBe(0);
  });

  it('does not know a gate on latency, which only who measured can tell', async () => {
    await evaluated('gates: [{ metric: latency-p50, atMost: 1h }]');
    const { exit, out } = await world.run('check', '--recompute');
    expect([exit, out]).toEqual([3, expect.stringContaining('latency-p50 cannot be measured again')]);
  });
});
