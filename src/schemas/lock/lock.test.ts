import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evidenceKinds } from '../../core/evidence/kinds/table.ts';
import type { Evidence, Lock } from '../../core/evidence/lock/lock.ts';
import { asPlimsollError } from '../../core/units/errors.ts';
import { buildEvidence, buildLock, buildLockedEnvironment, digest } from '../../testing/builders/evidence-builders.ts';
import { buildImageFacts, buildModelFacts } from '../../testing/builders/pools/hardware-builders.ts';
import { lockText, readLock } from './lock.ts';

const lock = buildLock({
  default: buildLockedEnvironment({ evidence: { golden: buildEvidence('golden', { model: digest('model') }) } }),
});
const read = (text: string): Lock => readLock(Buffer.from(text), 'plimsoll.lock');

function refusal(text: string | Uint8Array) {
  try {
    readLock(typeof text === 'string' ? Buffer.from(text) : text, 'plimsoll.lock');
  } catch (thrown) {
    return asPlimsollError(thrown);
  }
  throw new Error('it was read');
}

const anyDigest = fc.string().map(digest);
const word = fc.string({ minLength: 1, maxLength: 20 }).filter((text) => text !== '__proto__');
const anyEvidence = fc.record({
  subjects: fc.dictionary(word, anyDigest),
  measurements: fc.dictionary(word, fc.jsonValue({ maxDepth: 2 })) as fc.Arbitrary<Evidence['measurements']>,
  measuredAtMs: fc.nat(),
  by: fc.string(),
  plimsollVersion: fc.string(),
});
const anyEnvironment = fc.record({
  code: fc.record({ digest: anyDigest, files: fc.dictionary(word, anyDigest) }),
  data: fc.dictionary(word, fc.record({ version: fc.integer({ min: 1, max: 99 }), digest: anyDigest })),
  deviceClasses: fc.array(anyDigest),
  runtime: fc.dictionary(word, word),
  evidence: fc
    .tuple(fc.subarray([...evidenceKinds]), anyEvidence)
    .map(([kinds, evidence]) => Object.fromEntries(kinds.map((kind) => [kind, { kind, ...evidence }]))),
});
const anyLock: fc.Arbitrary<Lock> = fc.record({
  lockVersion: fc.constant(1 as const),
  service: word,
  environments: fc.dictionary(word, anyEnvironment, { maxKeys: 3 }),
});

describe('the text of a lock', () => {
  it('reads back as the same lock, and writes again as the same bytes', () => {
    fc.assert(
      fc.property(anyLock, (any) => {
        const text = lockText(any);
        const again = read(text);
        expect(lockText(again)).toBe(text);
        expect(again).toEqual(JSON.parse(JSON.stringify(any)));
      }),
    );
  });

  it('does not depend on the order in which facts were found', () => {
    const reversed = JSON.parse(lockText(lock), (_key, value: unknown) =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).reverse())
        : value,
    ) as Lock;
    expect(lockText(reversed)).toBe(lockText(lock));
  });

  it('has its keys sorted, one fact a line, and ends with a newline', () => {
    const text = lockText(lock);
    expect(text.startsWith('{\n  "environments": {\n    "default": {\n      "code": {')).toBe(true);
    expect(text.endsWith('}\n')).toBe(true);
    expect(text.split('\n').every((line) => (line.match(/": /g) ?? []).length <= 1)).toBe(true);
  });

  it('is read with CRLF line ends and with a byte order mark', () => {
    expect(read(`\ufeff${lockText(lock).replaceAll('\n', '\r\n')}`)).toEqual(lock);
  });
});

describe('a lock that is not one', () => {
  it.each([
    ['', 'it is empty'],
    ['{', 'not JSON'],
    ['[]', 'no lockVersion'],
    ['null', 'no lockVersion'],
    ['{"lockVersion": 1}', '`service`'],
    [lockText(lock).replace('"lockVersion": 1', '"lockVersion": "1"'), 'lockVersion "1"'],
    [lockText(lock).replace(/sha256:[0-9a-f]{64}/, 'sha256:abc'), '64 hexadecimal'],
    [lockText(lock).replace('"kind": "golden"', '"kind": "cost"'), 'kind'],
    [lockText(lock).replace('"service"', '"owner": "x",\n  "service"'), 'owner'],
    [lockText(lock).replace('"version": 2', '"version": 2,\n        "version": 3'), 'a key twice'],
  ])('is refused with a reason (%#)', (text, reason) => {
    const error = refusal(text);
    expect(error).toMatchObject({ code: 'lock-invalid', category: 'input' });
    expect(error.message).toContain(reason);
    expect(error.next).toContain('plimsoll pin');
  });

  it('names the line of a merge conflict, and what to do', () => {
    const lines = lockText(lock).split('\n');
    const conflict = ['<<<<<<< HEAD', lines[2], '=======', lines[2], '>>>>>>> theirs'];
    const error = refusal([...lines.slice(0, 2), ...conflict, ...lines.slice(3)].join('\n'));
    expect(error.message).toContain('plimsoll.lock:3: a merge conflict');
    expect(error.next).toContain('git checkout');
  });

  it('of a newer version asks for a newer Plimsoll, not for a new lock', () => {
    expect(refusal(lockText(lock).replace('"lockVersion": 1', '"lockVersion": 2')).next).toContain('install');
  });

  it('that is not UTF-8 or far too large is refused', () => {
    expect(refusal(Buffer.from([0xff, 0xff])).message).toContain('not UTF-8');
    expect(refusal(Buffer.alloc(4 * 1024 * 1024 + 1, 0x20)).message).toContain('too large');
  });

  it('of any bytes is refused with one of our errors', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(refusal(bytes).code).toBe('lock-invalid');
      }),
    );
  });
});

describe('the facts that a lock pins', () => {
  const pinned = (facts: unknown, of: 'code' | 'model') => {
    const environment = buildLockedEnvironment();
    const image = of === 'code' ? { image: 'registry.example/chat:1.4.0' } : {};
    return lockText(buildLock({ prod: { ...environment, [of]: { ...environment[of], ...image, facts } } }));
  };

  it('come back as they were found in the image and in the model', () => {
    const code = readLock(Buffer.from(pinned(buildImageFacts(), 'code')), 'plimsoll.lock').environments['prod']?.code;
    expect(code?.facts).toEqual(buildImageFacts());
    const model = readLock(Buffer.from(pinned(buildModelFacts(), 'model')), 'plimsoll.lock').environments['prod']
      ?.model;
    expect(model?.facts).toEqual(buildModelFacts());
  });

  it('are refused where a member is missing or unknown', () => {
    expect(refusal(pinned({ ...buildImageFacts(), libraries: undefined }, 'code')).message).toContain('libraries');
    expect(refusal(pinned({ ...buildModelFacts(), weights: 1 }, 'model')).message).toContain('weights');
  });

  it('are refused for an image where no image is pinned: code that is a command brings no runtime of its own', () => {
    const environment = buildLockedEnvironment({
      code: { digest: digest('code'), files: {}, facts: buildImageFacts() },
    });
    expect(refusal(lockText(buildLock({ prod: environment }))).message).toContain('no image');
  });
});
