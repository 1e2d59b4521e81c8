import { describe, expect, it } from 'vitest';
import { bundleBytes, digestOfBundle } from '../../core/bundle/bundle.ts';
import { digestOfBytes } from '../../core/units/digest.ts';
import { asPlimsollError, type PlimsollError } from '../../core/units/errors.ts';
import { buildBundle } from '../../testing/builders/files/bundle-files.ts';
import { readBundle } from './bundle-manifest.ts';

const { bundle } = buildBundle({ code: { 'server.py': 'print()' } }, { place: 's3://models/digits' });
const text = Buffer.from(bundleBytes(bundle)).toString();
const refusal = (manifest: string | Uint8Array): PlimsollError => {
  try {
    readBundle(typeof manifest === 'string' ? Buffer.from(manifest) : manifest);
  } catch (thrown) {
    return asPlimsollError(thrown);
  }
  throw new Error('it was read');
};

it('reads what it wrote, and its digest is that of the bytes', () => {
  expect(readBundle(bundleBytes(bundle))).toEqual(bundle);
  expect(digestOfBundle(bundle)).toBe(digestOfBytes(bundleBytes(bundle)));
});

describe('a manifest is refused, with what is wrong', () => {
  it.each([
    ['no JSON', '{', 'the manifest is not JSON'],
    ['nothing', '', 'the manifest is not JSON'],
    ['no text', new Uint8Array([0xff, 0xfe]), 'not UTF-8'],
    ['nested too deep', '['.repeat(100_000), 'nested deeper than 64 levels'],
    ['another version', text.replace('"bundleVersion":1', '"bundleVersion":2'), 'bundleVersion'],
    ['an unknown key', text.replace('"service":', '"owner":"me","service":'), 'owner'],
    ['an unknown key of a file', text.replace('"role":"code"', '"mode":420,"role":"code"'), 'mode'],
    ['an unknown role', text.replace('"role":"code"', '"role":"data"'), 'files.2.role'],
    ['no digest', text.replace(/sha256:[0-9a-f]{64}/, 'sha256:0'), 'digest'],
    ['a name that is a path', text.replace('"service":"digits"', '"service":"../digits"'), 'service'],
    ['a path out of the folder', text.replace('"server.py"', '"../server.py"'), 'leaves its folder'],
    ['white space', `${text}\n`, 'not canonical JSON'],
    ['a byte order mark', `\ufeff${text}`, 'not canonical JSON'],
    ['keys in another order', JSON.stringify({ ...JSON.parse(text), bundleVersion: 1 }, ['service']), 'environment'],
    ['a key twice', text.replace('{"bundleVersion":1', '{"bundleVersion":1,"bundleVersion":1'), 'not canonical JSON'],
    ['a number in another way', text.replace('"bytes":7', '"bytes":7.0'), 'not canonical JSON'],
  ])('%s', (_what, manifest, problem) => {
    const { code, category, details, message } = refusal(manifest);
    expect([code, category]).toEqual(['bundle-invalid', 'input']);
    expect(JSON.stringify(details['problems'])).toContain(problem);
    expect(message).toContain((details['problems'] as readonly string[])[0]);
  });

  it('more bytes than 4 MiB, without reading them', () => {
    expect(refusal(new Uint8Array(4 * 1024 * 1024 + 1)).message).toContain('4194305 bytes, of at most 4194304');
  });

  it('ten thousand problems, of which it tells fifty and their number', () => {
    const files = Array.from({ length: 10_000 }, (_, index) => ({ ...bundle.files[2]!, path: `../${index}` }));
    const { details } = refusal(bundleBytes({ ...bundle, files }));
    expect(details['problems']).toHaveLength(50);
    expect(details['problemCount']).toBeGreaterThan(10_000);
  });
});
