import { expect, it } from 'vitest';
import { aModel, fenceOf } from '../../testing/builders/store-builders.ts';
import { FakeClock } from '../../testing/fakes/fake-clock.ts';
import { memoryBlobs } from '../../testing/fakes/memory/memory-blobs.ts';
import { memoryStore } from '../../testing/fakes/memory/memory-store.ts';
import { runCommandLine } from '../../testing/rigs/command-line.ts';

async function makeWorld() {
  const clock = new FakeClock();
  const blobs = memoryBlobs(clock);
  const store = memoryStore();
  const { digest, bytes } = await blobs.put(new Uint8Array(2048));
  await store.transaction(await fenceOf(store), (tx) =>
    tx.addModelVersion({ ...aModel(), files: [{ path: 'model.onnx', digest, bytes }] }),
  );
  await blobs.put(new Uint8Array(1024));
  await blobs.put(new Uint8Array(512));
  await clock.advance(2 * 3_600_000);
  return {
    clock,
    blobs,
    store,
    run: (...args: readonly string[]) => runCommandLine(['blobs', 'collect', ...args], { clock, blobs, store }),
  };
}

it('says what would go and what keeps the rest, and then removes it', async () => {
  const world = await makeWorld();
  expect((await world.run('--dry-run')).out).toBe(
    [
      'can go  0B      0 blobs  named by no record',
      'stay    1.5KiB  2 blobs  named by no record, stored in the last 1d',
      'stay    2KiB    1 blob   model versions: aliased, released, pinned, or the newest',
      '',
    ].join('\n'),
  );
  expect((await world.run('--dry-run', '--grace', '1h')).out).toContain(
    'can go  1.5KiB  2 blobs  named by no record\n',
  );
  expect((await world.run('--dry-run', '--grace', '1h')).out).toContain('next: plimsoll blobs collect --grace 1h\n');
  expect((await world.run('--grace', '1h')).out).toContain('removed  1.5KiB  2 blobs  named by no record\n');
  const { exit, out } = await world.run('--grace', '1h', '--json');
  expect([exit, JSON.parse(out)]).toMatchObject([
    0,
    { removed: { blobs: 0 }, kept: { models: { blobs: 1, bytes: 2048 } } },
  ]);
});

it.each(['soon', '24', '59m', '0h'])('refuses --grace %s', async (grace) => {
  const { exit, err } = await (await makeWorld()).run('--grace', grace);
  expect([exit, err]).toEqual([2, expect.stringContaining(`--grace ${grace} is not a duration`)]);
});
