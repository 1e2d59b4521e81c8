import { describe, expect, it } from 'vitest';
import { digestOf } from '../units/digest.ts';
import { artifactDigest, requireAlias, requireArtifactName } from './artifact.ts';

describe('artifactDigest', () => {
  const a = { path: 'a.onnx', digest: digestOf('a') };
  const b = { path: 'b.bin', digest: digestOf('b') };
  it('depends on names and contents, not on the order of finding', () => {
    expect(artifactDigest([a, b])).toBe(artifactDigest([b, a]));
    expect(artifactDigest([a])).not.toBe(artifactDigest([{ ...a, path: 'c.onnx' }]));
    expect(artifactDigest([a])).not.toBe(artifactDigest([{ ...a, digest: b.digest }]));
    expect(artifactDigest([a])).toBe('sha256:acbd1a0666830f47133d361658a13a8baf464bccb1a8cfde3d8084152ad811cb');
  });
});

describe('names', () => {
  it.each(['', '\n', '://'])('says what to do also where no name can be made of %j', (name) => {
    expect(() => requireArtifactName('data', name)).toThrow(expect.objectContaining({ next: 'give another name' }));
  });

  it.each(['digits', 'a', '3d-unet', 'Llama-3.1-8B', 'a_b', 'x'.repeat(128)])('takes %s', (name) => {
    expect(() => requireArtifactName('model', name)).not.toThrow();
  });
  it.each(['', '-a', '.a', '..', 'a/b', '../a', 'x'.repeat(129), 'é', 'a b'])('refuses `%s`', (name) => {
    expect(() => requireArtifactName('data', name)).toThrow(/cannot be the name of a data version/);
  });
  it('suggests the nearest name', () => {
    expect(() => requireArtifactName('model', 'My Model_2')).toThrow(
      expect.objectContaining({ code: 'name-invalid', next: 'use My-Model-2' }),
    );
  });
  it('refuses an alias that reads as a version', () => {
    expect(() => requireAlias('candidate')).not.toThrow();
    expect(() => requireAlias('2')).toThrow(/beginning with a letter/);
  });
});
