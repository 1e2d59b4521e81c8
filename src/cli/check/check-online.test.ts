import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ModelHardwareFacts } from '../../core/evidence/lock/model-facts.ts';
import { ReleaseWorld } from '../../testing/rigs/release-world.ts';

let world: ReleaseWorld;
beforeEach(async () => {
  world = await ReleaseWorld.open();
  await world.run('pin');
  await world.run('golden', 'record');
});
afterEach(() => world.close());

const online = (...options: readonly string[]) => world.run('check', '--online', ...options);
const newDigest = async (): Promise<string> =>
  (await world.store.modelVersion('default', 'digits', 2))?.digest.slice(7, 19) ?? 'none';

describe('plimsoll check --online', () => {
  it('passes while the alias stands for what is pinned, also with facts of the model in the lock', async () => {
    expect(await online()).toMatchObject({ exit: 0 });
    await world.project.changeLock((lock) => {
      const pinned = lock!.environments['default']!;
      const facts: ModelHardwareFacts = {
        format: 'onnx',
        weightsBytes: 1,
        kvBytesPerToken: null,
        leftOut: {},
        engine: null,
        unknown: {},
      };
      return { ...lock!, environments: { default: { ...pinned, model: { ...pinned.model!, facts } } } };
    });
    expect((await online()).out).toContain('in step');
  });

  it('fails, in every form, where the alias has moved since the pin', async () => {
    await world.addModel();
    const said = `candidate is now version 2 (${await newDigest()}); run plimsoll pin`;
    const text = await online();
    expect([text.exit, text.out]).toEqual([1, expect.stringContaining(`\n  lock: ${said}\n`)]);
    expect(text.out.trimEnd().endsWith('next: plimsoll pin')).toBe(true);
    expect(JSON.parse((await online('--json')).out).environments[0].mismatches).toMatchObject([{ message: said }]);
    for (const [format, line] of [
      ['markdown', `- **lock out of step**: ${said}`],
      ['github', `::${said} (next: plimsoll pin)`],
      ['sarif', said],
      ['junit', said],
    ] as const)
      expect([format, await online('--format', format)]).toEqual([
        format,
        expect.objectContaining({ exit: 1, out: expect.stringContaining(line) }),
      ]);
    expect(await world.run('check')).toMatchObject({ exit: 0 });
    await world.run('pin');
    expect((await online()).out).not.toContain('\n  lock:');
  });

  it('fails where the alias is gone', async () => {
    const move = { environment: 'default', name: 'digits', alias: 'candidate', from: 1, to: null, reason: 'withdrawn' };
    await world.operations().moveAlias(move);
    const { exit, out } = await online();
    expect([exit, out]).toEqual([
      1,
      expect.stringContaining('lock: candidate is not an alias any more; run plimsoll pin'),
    ]);
  });

  it('fails where the data moved', async () => {
    const [version] = await world.store.dataVersions('default', 'digits-golden');
    const { version: _, createdAtMs: __, createdBy: ___, ...data } = version!;
    const { digest, bytes } = await world.blobs.put(new TextEncoder().encode('{"image":[9,0,0,1],"label":0}\n'));
    await world.operations().addDataVersion({ ...data, digest, files: [{ path: 'rows.jsonl', digest, bytes }] });
    const { exit, out } = await online();
    const moved = new RegExp(`lock: data digits-golden version 1 .* -> version 2 ${digest.slice(7, 19)}`);
    expect([exit, out]).toEqual([1, expect.stringMatching(moved)]);
  });
});
