import { describe, expect, it } from 'vitest';
import { consoleSteps, firstDifference } from './console-blocks.ts';

const page = [
  'text',
  '<!-- run: cd x -->',
  '```console',
  '$ first',
  'took 12.5 ms at 127.0.0.1:8080 sha256:0a1b2c3d4e5f',
  '...',
  'end   of it',
  '$ second \\',
  '  --more',
  '```',
  '```console exact',
  '$ third',
  'accuracy 97.3%',
  '```',
].join('\n');

describe('console blocks', () => {
  const [hidden, first, second, third] = consoleSteps(page);

  it('reads hidden, shown and continued commands with their lines', () => {
    expect(hidden).toMatchObject({ command: 'cd x', expected: null });
    expect(first).toMatchObject({ line: 4, command: 'first', exact: false });
    expect(second?.command).toBe('second \\\n  --more');
    expect(third).toMatchObject({ exact: true, expected: ['accuracy 97.3%'] });
  });

  it('lets numbers, digests and the width of columns differ, and nothing else', () => {
    const lines = ['took 3 ms at 127.0.0.1:9999 sha256:ffeeddccbbaa99', 'anything', 'end     of it'];
    expect(firstDifference(first!, lines)).toBeNull();
    expect(firstDifference(first!, ['took 3 s at 127.0.0.1:1 sha256:ffeeddccbbaa99', 'end   of it'])).toContain(
      'expected',
    );
    expect(firstDifference(first!, lines.slice(0, 2))).toContain('nothing matches');
  });

  it('wants the very text in an exact block', () => {
    expect(firstDifference(third!, ['accuracy 97.3%'])).toBeNull();
    expect(firstDifference(third!, ['accuracy 97.4%'])).toContain('expected');
  });
});
