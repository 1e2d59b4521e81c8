import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestOfBytes } from '../../core/units/digest.ts';
import { canonicalRow } from '../../formats/data-rows.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { MemoryBlobs } from '../../testing/fakes/memory/memory-blobs.ts';
import { ReleaseWorld } from '../../testing/rigs/release-world.ts';

interface Row {
  readonly image: readonly number[];
  readonly label?: unknown;
  readonly group?: string;
}

/** 40 rows, labelled by their first pixel. */
const rows: readonly Row[] = Array.from({ length: 40 }, (_, at) => ({
  image: [at % 2, 0, 0, at / 40],
  label: at % 2,
  group: at < 2 ? 'few' : 'many',
}));

let world: ReleaseWorld;
beforeEach(async () => {
  world = await ReleaseWorld.open();
  world.client.answer = (_endpoint, _model, inputs) => {
    const data = inputs[0]?.data ?? [];
    const count = data.length / 4;
    const scores = Array.from({ length: count }, (_, row) => (data[row * 4] === 1 ? [0.1, 0.9] : [0.9, 0.1]));
    return [{ name: 'probabilities', datatype: 'FP32', shape: [count, 2], data: scores.flat() }];
  };
});
afterEach(() => world.close());

async function pinned(evaluation = 'gates: [{ metric: accuracy, atLeast: 80% }]', given = rows): Promise<void> {
  const file = path.join(world.folder, 'plimsoll.yaml');
  await writeFile(file, `${await readFile(file, 'utf8')}evaluation:\n  dataset: holdout\n  ${evaluation}\n`);
  const text = given.map((row) => `${JSON.stringify(row)}\n`).join('');
  const stored = await world.blobs.put(new TextEncoder().encode(text));
  await world.operations().addDataVersion({
    environment: 'default',
    name: 'holdout',
    digest: digestOfBytes(new TextEncoder().encode(given.map((row) => `${canonicalRow({ ...row })}\n`).join(''))),
    files: [{ path: 'rows.jsonl', digest: stored.digest, bytes: stored.bytes }],
    rows: given.length,
    columns: [],
  });
  await world.run('pin');
}

const evidence = async () => (await world.project.lock())?.environments['default']?.evidence.evaluation;

describe('plimsoll evaluate', () => {
  it('runs every row, judges the gates, records evidence and leaves no replica', async () => {
    await pinned();
    const { exit, out } = await world.run('evaluate');
    expect([exit, out]).toEqual([0, expect.stringContaining('accuracy at least 0.8')]);
    expect((await evidence())?.measurements).toMatchObject({
      task: 'classification',
      dataset: { name: 'holdout', rows: 40 },
      golden: null,
    });
    expect(world.machine.replicas()).toEqual([]);
    await world.run('golden', 'record');
    expect(await world.run('check')).toMatchObject({ exit: 0 });
  });

  it('keeps the features of the rows and answers as a file that the evidence names by its digest', async () => {
    await pinned();
    const { out } = await world.run('evaluate');
    const [name = ''] = await readdir(path.join(world.folder, 'reference'));
    expect(name).toMatch(/^holdout-[0-9a-f]{12}\.json$/);
    expect(out).toContain('git add plimsoll.lock reference, then');
    const text = await readFile(path.join(world.folder, 'reference', name));
    expect((await evidence())?.measurements['reference']).toBe(digestOfBytes(text));
    expect(JSON.parse(text.toString())).toMatchObject({
      rows: 40,
      features: expect.arrayContaining([
        expect.objectContaining({ name: 'image[0]', numeric: expect.objectContaining({ mean: 0.5 }) as object }),
        expect.objectContaining({ name: 'probabilities.class', shares: { '0': 0.5, '1': 0.5 } }),
      ]) as object,
    });
    expect((await world.run('evaluate', '--rows', '10')).exit).toBeDefined();
    expect(await readFile(path.join(world.folder, 'reference', name))).toEqual(text);
  });

  it('keeps the golden set that the evaluated replica reproduced', async () => {
    await pinned();
    await world.run('golden', 'record');
    await world.run('evaluate');
    const golden = (await world.project.lock())?.environments['default']?.evidence.golden;
    expect((await evidence())?.measurements['golden']).toBe(golden?.measurements['goldenBlob']);
    await world.run('golden', 'record');
    const again = (await world.project.lock())?.environments['default']?.evidence.golden;
    expect(again?.measurements).toMatchObject({ alsoReproduced: [golden?.measurements['goldenBlob']] });
  });

  it('never runs a version twice over the same rows, unless what is stored is damaged or gone', async () => {
    await pinned();
    await world.run('evaluate');
    const asked = world.client.asked.length;
    await world.run('evaluate');
    expect(world.client.asked).toHaveLength(asked);
    const stored = (await evidence())?.measurements['predictions'] as `sha256:${string}`;
    (world.blobs as MemoryBlobs).flipBit(stored);
    expect((await world.run('evaluate')).exit).toBe(0);
    expect(world.client.asked.length).toBeGreaterThan(asked);
    const before = world.client.asked.length;
    (world.blobs as MemoryBlobs).lose(stored);
    expect((await world.run('evaluate')).exit).toBe(0);
    expect(world.client.asked.length).toBeGreaterThan(before);
  });

  it('compares with an alias, and says where there is nothing to compare with', async () => {
    await pinned('gates: [{ metric: accuracy, noWorseThan: released, margin: 20% }]');
    const { out } = await world.run('evaluate', '--against', '@candidate');
    expect(out).toContain('there is no released version to compare with yet');
    expect(out).toContain('against candidate');
    expect(out).toContain('0 rows answered otherwise');
  });

  it('lets a first release through a comparison with nothing, and no later one that was compared with nothing or another', async () => {
    const released = 'gates: [{ metric: accuracy, noWorseThan: released, margin: 20% }]';
    await pinned(released);
    await world.run('golden', 'record');
    const first = await world.run('evaluate');
    expect([first.exit, first.out]).toEqual([
      0,
      expect.stringContaining('nothing was released when this was measured'),
    ]);
    expect((await world.run('check')).out).toMatch(/evaluation +fresh +pass .*nothing to be worse than/);
    expect((await world.run('release')).exit).toBe(0);
    await world.addModel();
    const second = async (): Promise<void> => {
      await world.run('pin');
      await world.run('golden', 'record');
      await world.run('evaluate');
    };
    await second();
    await world.bringIn();
    const refused = await world.run('release');
    expect([refused.exit, refused.out]).toEqual([3, expect.stringMatching(/nothing was released .* is live now/)]);
    await world.run('evaluate');
    expect((await world.run('release')).exit).toBe(0);
    await world.addModel();
    await second();
    await world.bringIn();
    expect((await world.run('release')).out).toMatch(
      /it was compared with model .* is live now; next: plimsoll evaluate/,
    );
  });

  it('holds a release to what an alias stands for now, and not to where it was when it was compared', async () => {
    const approve = (version: string) =>
      world.run('model', 'alias', 'digits', 'approved', version, '--reason', 'reviewed');
    await approve('1');
    await world.addModel();
    await pinned('gates: [{ metric: accuracy, noWorseThan: approved, margin: 20% }]');
    await world.run('golden', 'record');
    expect((await world.run('evaluate')).exit).toBe(0);
    await world.addModel();
    await world.run('model', 'alias', 'digits', 'candidate', '2', '--reason', 'the pinned one');
    await approve('3');
    const refused = await world.run('release');
    expect([refused.exit, refused.out]).toEqual([
      3,
      expect.stringMatching(/it was compared with model \w+, and model \w+ is `approved` now; next: plimsoll evaluate/),
    ]);
    await approve('2');
    expect((await world.run('release')).exit).toBe(0);
  });

  it('records no evidence of a part of the rows', async () => {
    await pinned();
    const { out } = await world.run('evaluate', '--rows', '30');
    expect(out).toContain('not recorded: evidence is of all rows');
    expect(await evidence()).toBeUndefined();
    expect((await world.run('evaluate', '--rows', '0')).exit).toBe(2);
  });

  it('writes every form of the report, with names that act on nothing', async () => {
    const named = rows.map((row, at) => (at === 0 ? { ...row, group: '<script>alert(1)</script>|\n' } : row));
    await pinned('gates: [{ metric: accuracy, noWorseThan: candidate, margin: 20% }]\n  slices: [group]', named);
    const folder = path.join(world.folder, 'out');
    await world.run('evaluate', '--report', folder);
    expect((await readdir(folder)).sort()).toEqual(['report.html', 'report.json', 'report.junit.xml', 'report.md']);
    const page = await readFile(path.join(folder, 'report.html'), 'utf8');
    expect(page).not.toContain('<script');
    expect(page).not.toMatch(/(src|href)="?http/);
    expect(page).toContain('&lt;script&gt;');
    expect(await readFile(path.join(folder, 'report.md'), 'utf8')).not.toContain('<script');
    for (const format of ['json', 'markdown', 'junit', 'github', 'sarif']) {
      expect((await world.run('evaluate', '--format', format)).out).toMatch(/accuracy|pass|sarif/);
    }
  });
});

describe('bad input of an evaluation', () => {
  it.each([
    [
      'no label in a row',
      rows.map((row, at) => (at === 7 ? { image: row.image } : row)),
      'no label in the column label',
    ],
    ['no rows', [], 'no rows'],
    ['rows that do not fit the model', [{ image: [1, 2], label: 0 }], 'does not fit the input image'],
    ['a class that the model does not have', [{ image: [1, 0, 0, 1], label: 7 }], 'the answers have 2 classes'],
  ])('is refused: %s', async (_, given, message) => {
    await pinned(undefined, given);
    const { exit, err } = await world.run('evaluate');
    expect([exit, err]).toEqual([2, expect.stringContaining(message)]);
    expect(await evidence()).toBeUndefined();
    expect(world.machine.replicas()).toEqual([]);
  });

  it('says which column is meant where the label or a slice is not there', async () => {
    await pinned('label: lable\n  gates: [{ metric: accuracy, atLeast: 80% }]');
    expect((await world.run('evaluate')).err).toContain('is it label?');
  });

  it('says that a slice is of no row', async () => {
    await pinned('slices: [region]\n  gates: [{ metric: accuracy, atLeast: 80% }]');
    expect((await world.run('evaluate')).err).toContain('no row has the column region');
  });

  it('judges a slice of two rows without proving anything by it', async () => {
    await pinned('slices: [group]\n  gates: [{ metric: accuracy, noWorseThan: candidate, margin: 20% }]');
    const { out } = await world.run('evaluate');
    expect(out).toMatch(/group = few +2 .* inconclusive/);
  });

  it('a replica that dies midway ends it, records nothing and is not left behind', async () => {
    await pinned();
    const died = { code: 'replica-unreachable', category: 'unavailable', message: 'it is gone' } as const;
    world.client.answer = () => new PlimsollError(died);
    const { exit, err } = await world.run('evaluate');
    expect([exit, err]).toEqual([
      3,
      expect.stringContaining('the replica stopped answering; nothing was recorded: it is gone'),
    ]);
    expect(await evidence()).toBeUndefined();
    expect(world.machine.replicas()).toEqual([]);
  });

  it('answers whose shape differs between rows', async () => {
    await pinned();
    world.client.answer = (_endpoint, _model, inputs) => {
      const count = (inputs[0]?.data.length ?? 0) / 4;
      const width = count === 1 ? 3 : 2;
      return [
        {
          name: 'probabilities',
          datatype: 'FP32',
          shape: [count - 1, width],
          data: new Array<number>((count - 1) * width).fill(0.5),
        },
      ];
    };
    expect((await world.run('evaluate')).err).toContain('for 40 rows');
  });

  it.each([
    ['NaN', 'process.stdout.write("NaN\\n".repeat(40))', 'no number'],
    ['too few values', 'process.stdout.write("1\\n2\\n")', '2 values for 40 rows'],
    ['a crash', 'throw new Error("boom")', 'it ended with status 1'],
    ['endless output', 'import { writeSync } from "node:fs"; for (;;) writeSync(1, "1\\n".repeat(10000))', 'MiB'],
    ['a signal', 'process.kill(process.pid, "SIGTERM")', 'it ended with signal SIGTERM'],
    ['no end', 'setInterval(() => undefined, 1000)', 'it took more than'],
  ])('a metric of %s is unknown, and never passes', { timeout: 30_000 }, async (name, program, message) => {
    await writeFile(path.join(world.folder, 'score.mjs'), program);
    const timeout = name === 'no end' ? '300ms' : '20s';
    await pinned(
      `metrics: { mine: { command: [${JSON.stringify(process.execPath)}, score.mjs], largerIsBetter: true, timeout: ${timeout} } }\n  gates: [{ metric: mine, atLeast: 1 }]`,
    );
    const { exit, out } = await world.run('evaluate');
    expect([exit, out]).toEqual([3, expect.stringContaining(message)]);
    expect(out).toContain('unknown');
  });
});

describe('metrics of one’s own', () => {
  const gate = 'gates: [{ metric: mine, atLeast: 0.5 }]';

  it('are a program over rows, labels and answers', { timeout: 30_000 }, async () => {
    const program = `import { createInterface } from 'node:readline';
for await (const line of createInterface({ input: process.stdin })) {
  const { row, label, answer } = JSON.parse(line);
  console.log(row.image.length === 4 && label === answer ? 1 : 0);
}`;
    await writeFile(path.join(world.folder, 'score.mjs'), program);
    await pinned(
      `metrics: { mine: { command: [${JSON.stringify(process.execPath)}, score.mjs], largerIsBetter: true } }\n  ${gate}`,
    );
    const { out } = await world.run('evaluate');
    expect(out).toMatch(/mine +1 /);
    expect(await world.run('golden', 'record')).toMatchObject({ exit: 0 });
    await writeFile(path.join(world.folder, 'score.mjs'), `${program}\n`);
    expect((await world.run('check')).out).toContain('evaluation-question moved');
  });

  it(
    'or a module; one number for all rows has no limits, so that no gate passes by it',
    { timeout: 30_000 },
    async () => {
      await writeFile(
        path.join(world.folder, 'metric.ts'),
        'export const metric = (rows: unknown[]): number => rows.length;',
      );
      await pinned(`metrics: { mine: { module: ./metric.ts, largerIsBetter: true } }\n  ${gate}`);
      const { exit, out } = await world.run('evaluate');
      expect(out).toMatch(/mine +40 +the program gave one number/);
      expect(exit).toBe(3);
    },
  );
});
