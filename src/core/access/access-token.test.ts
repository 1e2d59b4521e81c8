import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatTokenLine,
  isExpired,
  makeToken,
  parseTokenFile,
  tokenDigestOf,
  type AccessToken,
} from './access-token.ts';
import { roles } from './role.ts';

const digest = tokenDigestOf('t');

describe('a token file', () => {
  it('takes roles, scopes and expiry, comments and blank lines', () => {
    const text = `# who may\n\nci release ${digest} service=digits environment=prod expires=2027-01-31T00:00:00Z\nada operate ${digest}\n`;
    expect(parseTokenFile(text)).toEqual({
      tokens: [
        {
          ...{ name: 'ci', role: 'release', sha256: digest, service: 'digits', environment: 'prod' },
          expiresAtMs: Date.UTC(2027, 0, 31),
        },
        { name: 'ada', role: 'operate', sha256: digest, service: null, environment: null, expiresAtMs: null },
      ],
      problems: [],
    });
  });

  it('takes service accounts, by their subject', () => {
    expect(parseTokenFile('system:serviceaccount:ci:deployer.v2 release service-account service=digits')).toEqual({
      tokens: [
        {
          ...{ name: 'system:serviceaccount:ci:deployer.v2', role: 'release', sha256: null },
          ...{ service: 'digits', environment: null, expiresAtMs: null },
        },
      ],
      problems: [],
    });
  });

  it('takes a token that is kept for an emergency', () => {
    const line = `glass operate ${digest} break-glass`;
    const { tokens } = parseTokenFile(line);
    expect(tokens).toMatchObject([{ name: 'glass', isBreakGlass: true, expiresAtMs: null }]);
    expect(tokens.map(formatTokenLine)).toEqual([line]);
    expect(parseTokenFile(`ada operate ${digest} break-glass=no`)).toMatchObject({
      tokens: [],
      problems: [{ line: 1 }],
    });
  });

  it('takes the two roles of the first token files', () => {
    const { tokens } = parseTokenFile(`v viewer ${digest}\no operator ${digest}`);
    expect(tokens.map(({ role }) => role)).toEqual(['view', 'operate']);
  });

  it.each([
    ['a digest that is none', `ada operate ${digest.slice(1)}`],
    ['upper case in the digest', `ada operate ${digest.toUpperCase()}`],
    ['a role that there is not', `ada admin ${digest}`],
    ['a setting that there is not', `ada operate ${digest} until=2027-01-31T00:00:00Z`],
    ['a scope without a name', `ada operate ${digest} service=`],
    ['a time without a zone', `ada operate ${digest} expires=2027-01-31`],
    ['a name of other characters', `ada/../x operate ${digest}`],
    ['a person without a digest', 'ada operate service-account'],
    ['a service account with a digest', `system:serviceaccount:ci:deployer operate ${digest}`],
    ['a service account without a namespace', 'system:serviceaccount:deployer operate service-account'],
    ['a service account in capitals', 'system:serviceaccount:CI:deployer operate service-account'],
    ['a service account with a long name', `system:serviceaccount:ci:${'a'.repeat(200)} operate service-account`],
    ['a node', 'system:node:first operate service-account'],
  ])('gives no token for %s, and the other lines hold', (_what, line) => {
    const { tokens, problems } = parseTokenFile(`ann view ${digest}\n${line}\nbob view ${digest}`);
    expect(tokens.map(({ name }) => name)).toEqual(['ann', 'bob']);
    expect(problems).toMatchObject([{ line: 2 }]);
  });

  it('is bounded', () => {
    const many = Array.from({ length: 1_002 }, (_, index) => `n${index} view ${digest}`).join('\n');
    const { tokens, problems } = parseTokenFile(many);
    expect([tokens.length, problems.length]).toEqual([1_000, 2]);
  });

  it('reads back what it writes', () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/);
    const token: fc.Arbitrary<AccessToken> = fc.record({
      name,
      role: fc.constantFrom(...roles),
      sha256: fc.string({ minLength: 1 }).map(tokenDigestOf),
      service: fc.option(name),
      environment: fc.option(name),
      expiresAtMs: fc.option(fc.integer({ min: 0, max: 4_102_444_800_000 })),
    });
    const account = token.map((each) => ({ ...each, name: `system:serviceaccount:${each.name}a:ci`, sha256: null }));
    fc.assert(
      fc.property(fc.oneof(token, account), (each) => {
        expect(parseTokenFile(formatTokenLine(each)).tokens).toEqual([each]);
      }),
    );
  });
});

it('expires at its time', () => {
  expect([9, 10].map((nowMs) => isExpired({ expiresAtMs: 10 }, nowMs))).toEqual([false, true]);
  expect(isExpired({ expiresAtMs: null }, Number.MAX_SAFE_INTEGER)).toBe(false);
});

it('a new token carries all of the 256 random bits', () => {
  expect(makeToken({ hex: (bytes) => 'ab'.repeat(bytes) })).toBe(`plm_${'ab'.repeat(32)}`);
});
