import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ReleaseWorld } from '../../testing/rigs/release-world.ts';

const rows = Array.from({ length: 40 }, (_, at) => ({ image: [at % 2, 0, 1, 0], label: at % 2 }));
const module = `export const features = ({ inputs, outputs }) => ({
  ink: inputs.image.reduce((sum, each) => sum + each, 0),
  sure: outputs.probabilities[1] > 0.5 ? 'one' : 'zero',
});
`;

let world: ReleaseWorld;
beforeEach(async () => {
  world = await ReleaseWorld.open();
  world.client.answer = (_endpoint, _model, inputs) => {
    const data = inputs[0]?.data ?? [];
    const count = data.length / 4;
    const scores = Array.from({ length: count }, (_, row) => (data[row * 4] === 1 ? [0.1, 0.9] : [0.9, 0.1]));
    return [{ name: 'probabilities', datatype: 'FP32', shape: [count, 2], data: scores.flat() }];
  };
  const file = path.join(world.folder, 'plimsoll.yaml');
  const list = 'features: [{ module: features.ts, gives: { ink: number, sure: category } }]';
  const contract = (await readFile(file, 'utf8')).replace('golden: digits-golden', `golden: digits-golden, ${list}`);
  await writeFile(file, `${contract}evaluation:\n  dataset: holdout\n  gates: [{ metric: accuracy, atLeast: 80% }]\n`);
  await writeFile(path.join(world.folder, 'features.ts'), module);
  const stored = await world.blobs.put(
    new TextEncoder().encode(rows.map((row) => `${JSON.stringify(row)}\n`).join('')),
  );
  await world.operations().addDataVersion({
    ...{ environment: 'default', name: 'holdout', digest: stored.digest, rows: rows.length, columns: [] },
    files: [{ path: 'rows.jsonl', digest: stored.digest, bytes: stored.bytes }],
  });
});
afterEach(() => world.close());

const locked = async () => (await world.project.lock())?.environments['default'];

it('pins the program, makes the reference by it, and is stale once it is edited', { timeout: 60_000 }, async () => {
  await world.run('pin');
  expect(Object.keys((await locked())?.features ?? {})).toEqual(['features.ts']);
  expect(await world.run('evaluate')).toMatchObject({ exit: 0 });
  const [name = ''] = await readdir(path.join(world.folder, 'reference'));
  const reference = JSON.parse(await readFile(path.join(world.folder, 'reference', name), 'utf8')) as {
    readonly features: readonly { readonly name: string }[];
  };
  expect(reference.features.find((each) => each.name === 'ink')).toMatchObject({
    ...{ group: '(custom)', kind: 'numeric', numeric: { mean: 1.5 } },
  });
  expect(reference.features.find((each) => each.name === 'sure')).toMatchObject({ shares: { one: 0.5, zero: 0.5 } });
  expect((await locked())?.evidence.evaluation?.subjects['features']).toBeDefined();

  await writeFile(path.join(world.folder, 'features.ts'), module.replace('0.5', '0.6'));
  expect((await world.run('check')).out).toMatch(/evaluation +stale .*features moved/);
  const { out } = await world.run('pin');
  expect(out).toMatch(/features features\.ts +\w+ -> \w+/);
  expect(out).toMatch(/evaluation +stale +features moved.*next: plimsoll evaluate/);
  expect(await world.run('evaluate')).toMatchObject({ exit: 0 });
  expect((await world.run('check')).out).toMatch(/evaluation +fresh/);
});

it('records nothing by a program that fails, and says why', { timeout: 60_000 }, async () => {
  await writeFile(
    path.join(world.folder, 'features.ts'),
    'export const features = () => { throw new Error("no ink"); };',
  );
  await world.run('pin');
  const { exit, err } = await world.run('evaluate');
  expect(exit).toBe(2);
  expect(err).toContain('features.ts computes no features: it ended with status 1');
  expect(err).toContain('no ink');
  expect((await locked())?.evidence.evaluation).toBe(undefined);
});
