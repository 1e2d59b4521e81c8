import { describe, expect, it } from 'vitest';
import { makeSbom, type ImageParts } from './sbom.ts';

const parts: ImageParts = {
  version: '1.2.3',
  debianRelease: '12',
  debian: [{ name: 'libstdc++6', version: '12.2.0-14+deb12u1', sha256: 'aa' }],
  node: { version: '24.1.0', sha256: 'bb' },
  installed: [
    {
      place: 'node_modules/@scope/name',
      name: '@scope/name',
      locked: { version: '2.0.0', integrity: `sha512-${Buffer.from('hash').toString('base64')}`, license: 'MIT' },
    },
  ],
  licenses: ['# Licenses\n\n## zod 4.0.0 (MIT)\n## @scope/name 2.0.0 (MIT)\n\nText\n', '## preact - 11.0.0 (MIT)\n'],
};

describe('the list of parts', () => {
  it('names each part once, with its package URL, license and digest', () => {
    const { components } = makeSbom(parts) as { components: readonly Record<string, unknown>[] };
    const shown = components.map(({ purl, licenses, hashes }) => [purl, licenses, hashes]);
    const mit = [{ expression: 'MIT' }];
    expect(shown).toEqual([
      [
        'pkg:deb/debian/libstdc%2B%2B6@12.2.0-14%2Bdeb12u1?arch=amd64&distro=debian-12',
        undefined,
        [{ alg: 'SHA-256', content: 'aa' }],
      ],
      ['pkg:generic/node@24.1.0', mit, [{ alg: 'SHA-256', content: 'bb' }]],
      ['pkg:npm/%40scope/name@2.0.0', mit, [{ alg: 'SHA-512', content: Buffer.from('hash').toString('hex') }]],
      ['pkg:npm/preact@11.0.0', mit, undefined],
      ['pkg:npm/zod@4.0.0', mit, undefined],
    ]);
  });

  it('has neither date nor serial number', () => {
    expect(makeSbom(parts)).not.toHaveProperty('serialNumber');
    expect(JSON.stringify(makeSbom(parts))).not.toContain('timestamp');
  });
});
