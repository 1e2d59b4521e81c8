import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { PlimsollError } from '../../core/units/errors.ts';
import { readIdentitiesFile } from './identities-file.ts';

const read = (text: string) => readIdentitiesFile(Buffer.from(text), 'identities.yaml');
const problemOf = (text: string): string => {
  try {
    read(text);
  } catch (thrown) {
    if (thrown instanceof PlimsollError && thrown.code === 'identities-invalid') return thrown.message;
    throw thrown;
  }
  return 'none';
};
const github = (rule: string, more = '') =>
  `providers:\n  - name: github\n    preset: github\n    audience: plimsoll\n${more}    rules:\n      - ${rule}\n`;
const people = (rule: string, more = '') =>
  `providers:\n  - name: acme\n    issuer: https://login.acme.com\n    audience: plimsoll\n${more}    rules:\n      - ${rule}\n`;

describe('the file of identities', () => {
  it('reads people and jobs', () => {
    const text = `providers:
  - name: github
    preset: github
    audience: plimsoll
    rules:
      - when: { repository: acme/digits, ref: refs/heads/main, ref_protected: true }
        role: release
        service: digits
        environment: prod
      - { when: { repository: [acme/a, acme/b] }, role: measure }
  - name: acme
    issuer: https://login.acme.com
    audience: 0oa-client
    keys: { file: keys.json }
    emails: trusted
    rules: [{ when: { email: "*@acme.com", groups: ml }, role: operate }]
    revoked: { tokens: [t1], subjects: [u1], issuedBefore: 2026-01-31T00:00:00Z }
`;
    expect(read(text)).toEqual([
      {
        ...{ name: 'github', preset: 'github', audience: 'plimsoll', trustsEmails: false },
        issuer: 'https://token.actions.githubusercontent.com',
        keys: { kind: 'url', url: 'https://token.actions.githubusercontent.com/.well-known/jwks' },
        rules: [
          {
            when: { repository: ['acme/digits'], ref: ['refs/heads/main'], ref_protected: ['true'] },
            grant: { role: 'release', service: 'digits', environment: 'prod' },
          },
          { when: { repository: ['acme/a', 'acme/b'] }, grant: { role: 'measure', service: null, environment: null } },
        ],
        revoked: { tokens: [], subjects: [], issuedBeforeMs: null },
      },
      {
        ...{ name: 'acme', preset: null, issuer: 'https://login.acme.com', audience: '0oa-client', trustsEmails: true },
        keys: { kind: 'file', file: 'keys.json' },
        rules: [
          {
            when: { email: ['*@acme.com'], groups: ['ml'] },
            grant: { role: 'operate', service: null, environment: null },
          },
        ],
        revoked: { tokens: ['t1'], subjects: ['u1'], issuedBeforeMs: Date.UTC(2026, 0, 31) },
      },
    ]);
  });

  it('reads the example of the documentation', () => {
    const page = readFileSync(path.join(import.meta.dirname, '../../../docs/security.md'), 'utf8');
    const example = /```yaml\n(# identities\.yaml\n.*?)```/s.exec(page)?.[1] ?? '';
    expect(read(example).map(({ name, rules }) => [name, rules.map(({ grant }) => grant.role)])).toEqual([
      ['github', ['release', 'measure']],
      ['acme', ['operate', 'view']],
    ]);
  });

  it('finds the keys of another installation of a preset by its issuer', () => {
    const text = github(
      '{ when: { repository: acme/digits }, role: view }',
      '    issuer: https://ghes.acme.com/_services/token\n',
    );
    expect(read(text)).toMatchObject([
      { issuer: 'https://ghes.acme.com/_services/token', keys: { kind: 'discovered' } },
    ]);
  });

  it.each([
    ['nothing', '# nothing\n', ['`providers` is missing']],
    ['no provider', 'providers: []\n', ['`providers`']],
    [
      'another key',
      'provider: []\n',
      ['identities.yaml:1:1: unknown key `provider` at the top', 'did you mean `providers`?'],
    ],
    [
      'a misspelt key of a rule',
      people('{ wen: { groups: a }, role: view }'),
      ['unknown key `wen`', 'did you mean `when`?'],
    ],
    ['no role', people('{ when: { groups: a } }'), ['`providers.0.rules.0.role`']],
    [
      'the role of a gateway',
      people('{ when: { groups: a }, role: gateway }'),
      ['identities.yaml:6:38', '`view`, `measure`, `release`, `operate`'],
    ],
    ['an empty rule', people('{ when: {}, role: view }'), ['it asks for nothing']],
    ['a number for a pattern', people('{ when: { level: 3 }, role: view }'), ['`providers.0.rules.0.when.level`']],
    [
      'an issuer without encryption',
      people('{ when: { groups: a }, role: view }').replace('https:', 'http:'),
      ['expected an https:// URL'],
    ],
    [
      'an issuer with a query',
      people('{ when: { groups: a }, role: view }').replace('.com', '.com/?a=b'),
      ['expected an https:// URL'],
    ],
    [
      'no issuer',
      people('{ when: { groups: a }, role: view }').replace(/ {4}issuer.*\n/, ''),
      ['`providers.0.issuer`: it is missing'],
    ],
    [
      'no audience',
      people('{ when: { groups: a }, role: view }').replace(/ {4}audience.*\n/, ''),
      ['`providers.0.audience` is missing'],
    ],
    [
      'the name of service accounts',
      people('{ when: { groups: a }, role: view }').replace('name: acme', 'name: system'),
      ['begins the names of service accounts'],
    ],
    [
      'two places for keys',
      people('{ when: { groups: a }, role: view }', '    keys: { url: https://a.com, file: a }\n'),
      ['`url` or `file`, and not both'],
    ],
    [
      'a time that is none',
      people('{ when: { groups: a }, role: view }', '    revoked: { issuedBefore: soon }\n'),
      ['expected 2027-01-31'],
    ],
    [
      'a text that cannot be seen',
      people('{ when: { groups: "a\\u202e" }, role: view }'),
      ['characters that cannot be seen'],
    ],
    ['no YAML', 'providers: [\n', ['identities.yaml:']],
  ])('says of %s what is wrong, and where', (_what, text, says) => {
    const problem = problemOf(text);
    for (const each of says) expect(problem).toContain(each);
  });

  it('takes no two providers of one name, nor of one issuer and audience', () => {
    const one = (name: string, audience: string): string =>
      `  - { name: ${name}, issuer: "https://a.com", audience: ${audience}, rules: [{ when: { groups: a }, role: view }] }\n`;
    expect(problemOf(`providers:\n${one('a', 'x')}${one('a', 'y')}`)).toContain(
      '`providers.1.name`: another provider has the same',
    );
    expect(problemOf(`providers:\n${one('a', 'x')}${one('b', 'x')}`)).toContain('`providers.1.audience`');
    expect(read(`providers:\n${one('a', 'x')}${one('b', 'y')}`)).toHaveLength(2);
  });
});

describe('a rule that would let strangers in is refused:', () => {
  it.each([
    [
      'a public CI system without its preset',
      people('{ when: { sub: "**" }, role: view }').replace('login.acme.com', 'gitlab.com'),
      'preset: gitlab',
    ],
    ['no repository', github('{ when: { ref: refs/heads/main }, role: view }'), 'whose the job is'],
    ['every repository', github('{ when: { repository: "**" }, role: view }'), 'leaves the owner open'],
    ['every owner', github('{ when: { repository: "*/digits" }, role: view }'), 'leaves the owner open'],
    [
      'owners that begin alike',
      github('{ when: { repository: "acme*/digits" }, role: view }'),
      'leaves the owner open',
    ],
    [
      'one of several owners',
      github('{ when: { repository: [acme/digits, "*/*"] }, role: view }'),
      'leaves the owner open',
    ],
    [
      'every owner by another claim',
      github('{ when: { repository_owner: "*" }, role: view }'),
      'leaves the owner open',
    ],
    [
      'a release of every branch',
      github('{ when: { repository: acme/digits }, role: release }'),
      'ref_protected: true',
    ],
    [
      'a short name of a branch',
      github('{ when: { repository: acme/digits, ref: main }, role: release }'),
      'full name',
    ],
    [
      'pull requests of many repositories',
      github('{ when: { repository: acme/* }, role: measure, pullRequests: own }'),
      'whole names in `repository`',
    ],
    [
      'pull requests of an owner',
      github('{ when: { repository_owner: acme }, role: measure, pullRequests: own }'),
      'whole names in `repository`',
    ],
    [
      'pull requests that release',
      github('{ when: { repository: acme/digits, ref_protected: true }, role: release, pullRequests: own }'),
      'gives the role `measure`',
    ],
    [
      'pull requests of people',
      people('{ when: { sub: "**" }, role: measure, pullRequests: own }'),
      'needs a `preset`',
    ],
    ['every address', people('{ when: { email: "*" }, role: view }'), 'leaves the domain open'],
    [
      'addresses of domains that begin alike',
      people('{ when: { email: "*@acme.*" }, role: view }'),
      'leaves the domain open',
    ],
  ])('%s', (_what, text, says) => {
    expect(problemOf(text)).toContain(says);
  });

  it.each([
    github('{ when: { repository: acme/* }, role: measure }'),
    github('{ when: { repository_id: "42", environment: production }, role: release }'),
    github('{ when: { repository: acme/digits, ref: "refs/heads/release-*" }, role: release }'),
    people('{ when: { email: "*@acme.com" }, role: view }'),
    people('{ when: { sub: "**" }, role: view }'),
    github('{ when: { repository: acme/digits }, role: measure, pullRequests: own }'),
  ])('and another is not (%#)', (text) => {
    expect(problemOf(text)).toBe('none');
  });
});
