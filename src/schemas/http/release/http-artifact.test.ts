import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { requireAlias, requireArtifactName } from '../../../core/registry/artifact.ts';
import { aliasSchema, artifactNameSchema, nameSchema } from './http-artifact.ts';

const takes = (work: () => void): boolean => {
  try {
    work();
    return true;
  } catch {
    return false;
  }
};

describe('names of models, data and aliases over HTTP', () => {
  it.each(['digits', 'Llama-3.1-8B', 'a_b', 'x'.repeat(128)])('take %s, which no service may be called', (name) => {
    expect(artifactNameSchema.safeParse(name).success).toBe(true);
  });

  it.each(['', '-a', '.a', '..', 'a/b', '../a', 'x'.repeat(129), 'é', 'a b', 'a\n', 'a\0'])('refuse %j', (name) => {
    expect(artifactNameSchema.safeParse(name).success).toBe(false);
  });

  it('are taken and refused as on the command line', () => {
    const near = fc.oneof(
      fc.string({ maxLength: 140 }),
      fc.stringMatching(/^[A-Za-z0-9._-]{1,130}$/),
      fc.stringMatching(/^[A-Za-z0-9-]{1,66}$/),
    );
    fc.assert(
      fc.property(near, (name) => {
        expect(artifactNameSchema.safeParse(name).success).toBe(takes(() => requireArtifactName('model', name)));
        expect(aliasSchema.safeParse(name).success).toBe(takes(() => requireAlias(name)));
      }),
    );
  });

  it('leave services and environments to their own, narrower rule', () => {
    expect(nameSchema.safeParse('Llama-3.1-8B').success).toBe(false);
    expect(nameSchema.safeParse('x'.repeat(64)).success).toBe(false);
  });
});
