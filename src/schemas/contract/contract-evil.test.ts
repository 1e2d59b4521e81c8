import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyDocs } from '../../core/contract-keys/keys.ts';
import { contractProblems, minimalContract, wholeContract } from '../../testing/builders/contract-texts.ts';

const first = (text: string | Uint8Array) => contractProblems(text)[0];

describe('a file that is no contract', () => {
  it.each([
    ['nothing', ''],
    ['only white space', '\n\n  \n'],
    ['only a comment', '# nothing here\n'],
    ['null', '~\n'],
  ])('with %s is told what a contract begins with', (_name, text) => {
    expect(first(text)).toMatchObject({ code: 'empty', line: 1 });
    expect(contractProblems(text)).toHaveLength(1);
  });

  it.each([
    ['a list', '- a\n- b\n'],
    ['a text', 'hello\n'],
    ['a number', '42\n'],
  ])('holding %s is refused once', (_name, text) => expect(contractProblems(text)).toHaveLength(1));

  it('that is not UTF-8 is refused with the line of the bad byte', () => {
    expect(first(Buffer.concat([Buffer.from('a: 1\nb: '), Buffer.from([0xc3, 0x28])]))).toMatchObject({
      code: 'not-utf8',
      line: 2,
      found: 'byte 0x28 at offset 9',
    });
    expect(first(Buffer.from(`\ufeff${minimalContract}`, 'utf16le'))).toMatchObject({ found: 'UTF-16' });
  });

  it('that is larger than a mebibyte is refused without being read as YAML', () => {
    expect(first(Buffer.alloc(1024 * 1024 + 1, 0x61))).toMatchObject({ code: 'too-large' });
  });

  it('with a control character or a NUL is refused where it stands', () => {
    expect(first('service: dig\u0000its\n')).toMatchObject({ line: 1, column: 13 });
  });

  it('with two documents is refused', () => {
    expect(first(`${minimalContract}---\nservice: b\n`)).toMatchObject({ line: 6, code: 'yaml-syntax' });
  });
});

describe('YAML that means harm', () => {
  it.each([
    ['10,000 flow lists', `owner: ${'['.repeat(10_000)}${']'.repeat(10_000)}\n`],
    ['10,000 flow lists left open', `owner: ${'['.repeat(10_000)}`],
    ['10,000 flow sections', `owner: ${'{a: '.repeat(10_000)}1${'}'.repeat(10_000)}\n`],
    ['10,000 block lists', `${'- '.repeat(10_000)}x\n`],
    ['1,000 block sections', Array.from({ length: 1000 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
  ])('nested as %s is refused in time', (_name, text) => {
    const startedMs = performance.now();
    expect(first(text)).toMatchObject({ code: expect.stringMatching(/too-deep|yaml-syntax/) });
    expect(performance.now() - startedMs).toBeLessThan(5_000);
  });

  it('that grows by aliases is bounded', () => {
    const levels = Array.from({ length: 20 }, (_, level) =>
      level === 0 ? 'l0: &l0 [x, x, x, x]' : `l${level}: &l${level} [${`*l${level - 1}, `.repeat(8)}]`,
    );
    const problems = contractProblems(levels.join('\n'));
    expect(problems.some(({ code }) => code === 'too-large')).toBe(true);
  });

  it('that holds an alias inside itself is bounded', () => {
    expect(contractProblems('owner: &a [*a]\n').length).toBeGreaterThan(0);
  });

  it('with an unknown alias, a tag of its own or a merge key is refused', () => {
    expect(first('owner: *nobody\n')).toMatchObject({ line: 1, code: 'yaml-syntax' });
    expect(first('owner: !!js/function "x"\n')).toMatchObject({ line: 1, code: 'yaml-syntax' });
    const merged = minimalContract.replace('{ golden: digits-golden }', '{ <<: { golden: digits-golden } }');
    expect(first(merged)).toMatchObject({ line: 5, code: 'unknown-key' });
  });

  it('with a key `__proto__` or `constructor` is refused and changes nothing', () => {
    expect(first(`${minimalContract}__proto__: { polluted: true }\n`)).toMatchObject({ code: 'unknown-key', line: 6 });
    expect(first(`${minimalContract}constructor: { polluted: true }\n`)).toMatchObject({ code: 'unknown-key' });
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('indented with tabs is refused where the tab stands', () => {
    expect(first('model:\n\tname: digits\n')).toMatchObject({
      line: 2,
      code: 'yaml-syntax',
      message: 'a tab is used for indentation; YAML wants spaces',
    });
  });

  it('with a key written twice is refused at the second', () => {
    expect(first(`${minimalContract}service: other\n`)).toMatchObject({ line: 6, code: 'duplicate-key' });
    const twice = `${minimalContract}environments:\n  prod: {}\n  prod: { pool: x }\n`;
    expect(first(twice)).toMatchObject({ line: 8, code: 'duplicate-key' });
  });

  it('of any bytes at all never throws and never counts as right without being so', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(contractProblems(bytes).length).toBeGreaterThan(0);
      }),
    );
  });

  it('made by damaging a whole contract never throws', () => {
    const characters = [...wholeContract];
    const position = fc.nat(characters.length - 1);
    fc.assert(
      fc.property(position, fc.constantFrom('', '{', ']', '"', ':', '\t', '&', '*', '-', '\n', '😀'), (at, text) => {
        const damaged = [...characters.slice(0, at), text, ...characters.slice(at + 1)].join('');
        for (const problem of contractProblems(damaged)) {
          expect(problem.line).toBeGreaterThan(0);
          expect(problem.column).toBeGreaterThan(0);
        }
      }),
      { numRuns: 150 },
    );
  });
});

describe('a value of the wrong kind', () => {
  it.each([
    ['driver: 550.54', 'hardware.driver'],
    ['driver: 550', 'hardware.driver'],
    ['driver: "550.54"', 'hardware.driver'],
    ['memory: 20', 'hardware.memory'],
    ['memory: 20G', 'hardware.memory'],
    ['devices: "1"', 'hardware.devices'],
    ['devices: 1.5', 'hardware.devices'],
    ['devices: .inf', 'hardware.devices'],
    ['devices: .nan', 'hardware.devices'],
    ['cuda: 12.4', 'hardware.cuda'],
    ['allow: native', 'hardware.allow'],
    ['allow: [unknown]', 'hardware.allow[0]'],
    ['runtime: ">=1"', 'hardware.runtime'],
    ['runtime: { onnxruntime: 1.20 }', 'hardware.runtime.onnxruntime'],
    ['sharing:', 'hardware.sharing'],
    ['host: 2', 'hardware.host'],
    ['host: { cpu: 2 }', 'hardware.host.cpu'],
    ['host: { cpus: 0 }', 'hardware.host.cpus'],
    ['host: { cpus: "2" }', 'hardware.host.cpus'],
    ['host: { cpus: 500m }', 'hardware.host.cpus'],
    ['host: { memory: 4 }', 'hardware.host.memory'],
    ['host: { memory: 4Gb }', 'hardware.host.memory'],
    ['host: { shmSize: 64m }', 'hardware.host.shmSize'],
    ['host: { shmSize: 4GiB, memory: 4GiB }', 'hardware.host.shmSize'],
  ])('%s is refused at %s', (line, key) => {
    const problems = contractProblems(`${minimalContract}hardware:\n  accelerator: nvidia\n  ${line}\n`);
    expect(problems.map((problem) => [problem.key, problem.line])).toEqual([[key, 8]]);
    expect(problems[0]?.expected).toBeTruthy();
  });

  it.each([
    ['service: 😀digits', 'service'],
    ['service: Digits', 'service'],
    ['service: -digits', 'service'],
    [`service: ${'a'.repeat(64)}`, 'service'],
    ['service: 42', 'service'],
    ['service: [digits]', 'service'],
  ])('%s is refused', (line, key) => {
    const problems = contractProblems(minimalContract.replace('service: digits', line));
    expect(problems.map((problem) => problem.key)).toEqual([key]);
  });

  it.each(['rollout: { keepPrevious: 45 }', 'coldStart: { p90: 45 }', 'objective: { availability: 0.999 }'])(
    '%s wants its unit',
    (line) => expect(first(`${minimalContract}${line}\n`)).toMatchObject({ code: 'wrong-form', line: 6 }),
  );

  it('of a secret is refused, and so is a path that leaves the folder', () => {
    const code = (inner: string) => minimalContract.replace('serve-model]', `serve-model], ${inner}`);
    expect(first(code('secrets: { T: hf_abcdefgh }'))).toMatchObject({ key: 'code.secrets.T' });
    expect(first(code('files: [../shared]'))).toMatchObject({ key: 'code.files[0]' });
    expect(first(code('files: [/etc/passwd]'))).toMatchObject({ key: 'code.files[0]' });
  });
});

describe('a typo in a key', () => {
  /** Every fixed key that the whole contract writes on a line of its own or in a flow section, misspelt. */
  const written = keyDocs.filter(({ key }) => !key.endsWith('>') && !key.endsWith('[]')).map(({ key }) => key);
  it.each(written)('of %s is found, and the key is named', (key) => {
    const word = key.split('.').at(-1) ?? '';
    const typo = `${word.slice(0, 1)}${word.slice(2)}x`;
    const pattern = new RegExp(`(^|[ {,])${word}:`, 'm');
    if (!pattern.test(wholeContract)) return;
    const problems = contractProblems(wholeContract.replace(pattern, `$1${typo}:`));
    const unknown = problems.find(({ code }) => code === 'unknown-key');
    expect(unknown?.key.split('.').at(-1)).toBe(typo);
    expect(unknown?.expected).toContain(word);
  });

  it.each([
    ['coldStart: { p90: 45s, phases: { weight-load: { p90: 1s } } }', 'weights-load'],
    ['maxAge: { goldn: 30d }', 'golden'],
    ['latency: { p99: 50ms }', 'objective.latency'],
  ])('%s names %s', (line, nearest) => {
    expect(first(`${minimalContract}${line}\n`)).toMatchObject({ code: 'unknown-key', nearest });
  });
});
