import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placeRefusal, readAllowedRegistries } from './allowed-registries.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const allowed = readAllowedRegistries(
  'oci://ghcr.io/acme, s3://team-models/digits prod=mlflow://models.internal:5000/mlflow\nmlflow://[::1]:5000 oci://ghcr.io/other/digits',
);
const refusal = (place: string, environment = 'prod') => placeRefusal(allowed, environment, place);

describe('a place below an allowed registry', () => {
  it.each([
    `oci://ghcr.io/acme/digits@${digest}`,
    `oci://GHCR.io/acme/team/digits:1`,
    `oci://ghcr.io/other/digits@${digest}`,
    's3://team-models/digits',
    's3://team-models/digits/3/',
    'mlflow://models.internal:5000/mlflow/Digits of all/3',
    'mlflow://[::1]:5000/Digits/1',
  ])('%s is fetched from', (place) => {
    expect(refusal(place)).toBeNull();
  });
});

describe('a hostile place', () => {
  it.each([
    ['begins as an allowed host does', 'oci://ghcr.io.evil.example/acme/digits:1'],
    ['begins as an allowed path does', 'oci://ghcr.io/acme-evil/digits:1'],
    ['begins as an allowed repository does', 'oci://ghcr.io/other/digits-evil:1'],
    ['begins as an allowed prefix does', 's3://team-models/digits-secret/1'],
    ['is above the allowed prefix', 's3://team-models'],
    ['is another bucket', 's3://team-models-2/digits/1'],
    ['leaves the prefix', 's3://team-models/digits/../secrets'],
    ['stays in the prefix by a dot', 's3://team-models/./digits/1'],
    ['has an empty segment', 's3://team-models//digits/1'],
    ['leaves the prefix by percent', 's3://team-models/digits/%2e%2e/secrets'],
    ['leaves the path by percent', 'mlflow://models.internal:5000/mlflow/%2e%2e/admin/x/1'],
    ['leaves the path by a backslash', 'mlflow://models.internal:5000/mlflow/..\\admin/x/1'],
    ['ends the path with a query', 'mlflow://models.internal:5000/mlflow/x?/1'],
    ['ends the path with a fragment', 'mlflow://models.internal:5000/mlflow/x#/1'],
    ['names an allowed host as user', 'mlflow://models.internal:5000@evil.example/mlflow/x/1'],
    ['carries a user', 'mlflow://me:secret@models.internal:5000/mlflow/x/1'],
    ['is another port', 'mlflow://models.internal:5001/mlflow/x/1'],
    ['leaves out the port', 'mlflow://models.internal/mlflow/x/1'],
    ['is another scheme', 'oci://models.internal:5000/mlflow/x:1'],
    ['writes its scheme otherwise', 'OCI://ghcr.io/acme/digits:1'],
    ['names no server', 'mlflow:Digits'],
    ['is a file', 'file:///etc/passwd'],
    ['hides a line', 'oci://ghcr.io/acme/digits:1\nhost: evil'],
    ['hides a NUL', 's3://team-models/digits/\u0000'],
    ['is not Unicode text', 's3://team-models/digits/\ud800'],
    ['writes a number as a host', 'oci://0x7f.0.0.1:5000/acme/x:1'],
    ['has no end', `s3://team-models/digits/${'a'.repeat(2_000)}`],
    ['is nothing', ''],
  ])('that %s is refused', (_what, place) => {
    expect(refusal(place)).toEqual(expect.any(String));
  });

  it('of a registry that is allowed to another environment is refused, and says what is allowed', () => {
    expect(refusal('mlflow://models.internal:5000/mlflow/x/1', 'staging')).toBe(
      'allowed for staging is only what is below oci://ghcr.io/acme, s3://team-models/digits, mlflow://[::1]:5000, oci://ghcr.io/other/digits',
    );
  });

  it('is allowed nowhere unless somebody allows it', () => {
    expect(placeRefusal(readAllowedRegistries(''), 'prod', 's3://team-models/digits')).toBe(
      'no registry is allowed for prod',
    );
  });

  it('never has another host, scheme or first segments than an allowed one', () => {
    const piece = fc.constantFrom(
      'ghcr.io',
      'acme',
      'oci://',
      '/',
      '.',
      '..',
      '@',
      ':5000',
      '%2f',
      '\\',
      'evil.example',
      '-',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 9 }), (pieces) => {
        const place = `oci://${pieces.join('')}`;
        if (refusal(place) !== null) return;
        const url = new URL(place.replace('oci:', 'https:'));
        expect([url.host, url.pathname.split('/')[1]?.replace(/[@:].*/, ''), url.username]).toEqual([
          'ghcr.io',
          'acme',
          '',
        ]);
      }),
      { numRuns: 5_000 },
    );
  });
});

it.each([
  ['ghcr.io/acme', 'begins with none of'],
  ['prod=https://ghcr.io', 'begins with none of'],
  ['oci://registry/acme', 'write its port'],
  ['oci://ghcr.io/acme/digits:1', 'names one version'],
  ['mlflow://', 'no plain name'],
  ['s3://team/../x', 'dotted segment'],
  ['mlflow://me@host', 'no plain name'],
])('PLIMSOLL_REGISTRIES=%s is an error that says why', (setting, why) => {
  expect(() => readAllowedRegistries(setting)).toThrow(
    expect.objectContaining({ code: 'registries-setting-invalid', message: expect.stringContaining(why) }),
  );
});
