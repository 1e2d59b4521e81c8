import { describe, expect, it } from 'vitest';
import { corpusFolder, findingsFolder, readFolder } from './corpus.ts';
import { brokenBy } from './target.ts';
import { targets } from './targets.ts';

/** Of the processor, for one input; the fuzzer's own bound, which a machine that is busy does not move. */
const slowMs = 1_000;
const corpusBytesAtMost = 2 * 1024 * 1024;

const usedMs = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};

describe('every input of the corpus, and every one that was once a finding', () => {
  it.each(targets.map((target) => [target.parser, target] as const))(
    'ends in a parse or in one of our errors: %s',
    async (parser, target) => {
      const inputs = [...readFolder(corpusFolder(parser)), ...readFolder(findingsFolder(parser))];
      expect(inputs.length).toBeGreaterThan(0);
      // The first run loads the parser; its time is not the input's.
      await target.run(new Uint8Array(1)).catch(() => undefined);
      for (const { name, bytes } of inputs) {
        const beforeMs = usedMs();
        const broken = await target.run(bytes).then(
          () => null,
          (thrown: unknown) => brokenBy(thrown),
        );
        expect(broken, `${parser}/${name}`).toBeNull();
        expect(usedMs() - beforeMs, `${parser}/${name}`).toBeLessThan(slowMs);
      }
      await target.stop?.();
    },
    60_000,
  );

  it('is small enough for git', () => {
    const bytes = targets.flatMap(({ parser }) => readFolder(corpusFolder(parser))).map((file) => file.bytes.length);
    expect(bytes.reduce((sum, length) => sum + length, 0)).toBeLessThan(corpusBytesAtMost);
  });
});
