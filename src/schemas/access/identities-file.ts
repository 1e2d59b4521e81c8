import * as z from 'zod';
import {
  presetPlaces,
  providerPresets,
  type IdentityProvider,
  type ProviderKeys,
} from '../../core/access/providers/identity-provider.ts';
import { isVisibleLine } from '../../core/units/visible-text.ts';
import { dnsLabel } from '../contract/contract-forms.ts';
import { readYamlFile, type YamlFileWords } from '../source/yaml-file.ts';
import { findOpenRule } from './open-rules.ts';

/** As the file writes it: keys may lie in another file. */
export interface WrittenProvider extends Omit<IdentityProvider, 'keys'> {
  readonly keys: ProviderKeys | { readonly kind: 'file'; readonly file: string };
}

const [providersAtMost, rulesAtMost, patternsAtMost, revokedAtMost] = [20, 200, 100, 10_000];
const ruleRoles = ['view', 'measure', 'release', 'operate'] as const;

const line = (longest: number) =>
  z.string().min(1).max(longest).refine(isVisibleLine, 'it holds characters that cannot be seen');
const scopeName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/);
const place = z
  .string()
  .max(1_000)
  .refine(isSafePlace, 'expected an https:// URL without a query; http:// only on this machine');

const pattern = z
  .union([line(200), z.boolean(), z.array(line(200)).min(1).max(patternsAtMost)])
  .transform((written) => {
    const all = Array.isArray(written) ? written : [String(written)];
    return all as readonly string[];
  });
const when = z
  .record(z.string().regex(/^[\w.:/-]{1,200}$/, 'a claim has 1 to 200 letters, digits and any of . : / _ -'), pattern)
  .refine(
    (claims) => Object.keys(claims).length > 0,
    'it asks for nothing, so that everybody of the provider would match',
  )
  .refine((claims) => Object.keys(claims).length <= 20, 'it asks for more than 20 claims');
const rule = z
  .strictObject({
    when,
    role: z.enum(ruleRoles),
    service: scopeName.optional(),
    environment: scopeName.optional(),
    pullRequests: z.literal('own').optional(),
  })
  .transform(({ when: of, role, service = null, environment = null, pullRequests }) => ({
    when: of,
    grant: { role, service, environment },
    ...(pullRequests === undefined ? {} : { pullRequests }),
  }));

const keys = z
  .strictObject({ url: place.optional(), file: line(1_000).optional() })
  .transform(({ url, file }, context): WrittenProvider['keys'] => {
    if (url !== undefined && file === undefined) return { kind: 'url', url };
    if (file !== undefined && url === undefined) return { kind: 'file', file };
    context.issues.push({ code: 'custom', input: url, message: 'expected `url` or `file`, and not both' });
    return z.NEVER;
  });

const time = z
  .string()
  .regex(/^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?Z)?$/, 'expected 2027-01-31 or 2027-01-31T12:00:00Z')
  .transform((text) => Date.parse(text))
  .refine(Number.isFinite, 'there is no such time');
const revoked = z
  .strictObject({
    tokens: z.array(line(500)).max(revokedAtMost).default([]),
    subjects: z.array(line(500)).max(revokedAtMost).default([]),
    issuedBefore: time.optional(),
  })
  .transform(({ tokens, subjects, issuedBefore = null }) => ({ tokens, subjects, issuedBeforeMs: issuedBefore }));
/** The page is the beginning of an address, whether or not it is written with a slash at its end. */
const signIn = z
  .strictObject({
    page: place.transform((url) => (url.endsWith('/') ? url : `${url}/`)),
    scopes: z
      .array(z.string().regex(/^[\x21\x23-\x5B\x5D-\x7E]{1,200}$/, 'a scope holds no space'))
      .max(20)
      .default(['openid', 'email', 'profile']),
    secretFile: line(1_000).optional(),
  })
  .transform(({ page, scopes, secretFile = null }) => ({
    page,
    scopes: [...new Set(['openid', ...scopes])],
    secretFile,
  }));
const nothingRevoked = { tokens: [], subjects: [], issuedBeforeMs: null };

const providerShape = {
  name: dnsLabel.refine((name) => name !== 'system', '`system` begins the names of service accounts'),
  preset: z.enum(providerPresets).optional(),
  issuer: place.optional(),
  audience: line(200),
  keys: keys.optional(),
  emails: z.enum(['verified', 'trusted']).default('verified'),
  rules: z.array(rule).min(1).max(rulesAtMost),
  revoked: revoked.optional(),
  signIn: signIn.optional(),
};

const provider = z.strictObject(providerShape).transform((written, context): WrittenProvider => {
  const { name, preset = null, audience, rules, emails } = written;
  const refuse = (path: readonly (string | number)[], message: string): void => {
    context.issues.push({ code: 'custom', input: written, path: [...path], message });
  };
  const issuer = written.issuer ?? (preset === null ? null : presetPlaces[preset].issuer);
  if (issuer === null) refuse(['issuer'], 'it is missing; only a `preset` knows its own');
  const known = providerPresets.find((each) => presetPlaces[each].issuer === issuer);
  if (preset === null && known !== undefined)
    refuse(['preset'], `this issuer needs \`preset: ${known}\`, which knows its jobs`);
  for (const [at, each] of rules.entries()) {
    const problem = findOpenRule(preset, each);
    if (problem !== null) refuse(['rules', at, 'when'], problem);
  }
  if (preset !== null && written.signIn !== undefined)
    refuse(['signIn'], 'a `preset` is of jobs of a CI system; name a provider of people, without a preset');
  return {
    ...{ name, preset, audience, rules, issuer: issuer ?? '' },
    keys:
      written.keys ?? (known === undefined ? { kind: 'discovered' } : { kind: 'url', url: presetPlaces[known].keys }),
    trustsEmails: emails === 'trusted',
    revoked: written.revoked ?? nothingRevoked,
    ...(written.signIn === undefined ? {} : { signIn: written.signIn }),
  };
});

const fileSchema = z
  .strictObject({ providers: z.array(provider).min(1).max(providersAtMost) })
  .superRefine((file, context) => {
    const seen = new Set<string>();
    for (const [at, { name, issuer, audience }] of file.providers.entries()) {
      for (const [key, mark] of [
        ['name', name],
        ['audience', `${issuer} ${audience}`],
      ] as const) {
        if (seen.has(mark))
          context.addIssue({ code: 'custom', path: ['providers', at, key], message: 'another provider has the same' });
        seen.add(mark);
      }
    }
  });

const words: YamlFileWords = {
  code: 'identities-invalid',
  keysBelow: {
    '': ['providers'],
    'providers.*': Object.keys(providerShape),
    'providers.*.keys': ['url', 'file'],
    'providers.*.rules.*': ['when', 'role', 'service', 'environment', 'pullRequests'],
    'providers.*.revoked': ['tokens', 'subjects', 'issuedBefore'],
    'providers.*.signIn': ['page', 'scopes', 'secretFile'],
  },
  forms: {
    providers: 'a list: `- { name: github, preset: github, audience: plimsoll, rules: [...] }`',
    'providers.*.name': 'a short name such as `github`',
    'providers.*.preset': '`github` or `gitlab`',
    'providers.*.issuer': 'the `iss` of its tokens, such as `https://login.acme.com`',
    'providers.*.audience': 'the `aud` of its tokens, such as `plimsoll`',
    'providers.*.keys': '`{ url: https://login.acme.com/keys }` or `{ file: keys.json }`',
    'providers.*.emails': '`verified` or `trusted`',
    'providers.*.rules': 'a list: `- { when: { groups: ml-platform }, role: release }`',
    'providers.*.rules.*.when': 'claims, such as `{ repository: acme/digits, ref: refs/heads/main }`',
    'providers.*.rules.*.role': ruleRoles.map((role) => `\`${role}\``).join(', '),
    'providers.*.signIn': '`{ page: https://plimsoll.acme.com }`',
    'providers.*.signIn.page': 'the address of the page, such as `https://plimsoll.acme.com`',
    'providers.*.revoked': '`{ tokens: [...], subjects: [...], issuedBefore: 2027-01-31T12:00:00Z }`',
  },
  next: 'mend the file; docs/security.md has examples',
};

/**
 * Reads the file of identity providers, under the bounds of a contract.
 * @throws PlimsollError `identities-invalid` (input) with each problem: key, file, line and column.
 */
export function readIdentitiesFile(bytes: Uint8Array, file: string): readonly WrittenProvider[] {
  return readYamlFile(bytes, file, words, (value) => ({ schema: fileSchema, value: value ?? {} })).providers;
}

const safeForm = /^(https?):\/\/(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::\d{1,5})?(?:\/[^\s?#\\]*)?$/i;
const ownMachine = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/i;

/** Whether an address without a user, a query or a fragment is encrypted, or of a program of this machine. */
export function isSafePlace(text: string): boolean {
  const [, protocol = '', hostname = ''] = safeForm.exec(text) ?? [];
  return protocol.toLowerCase() === 'https' || (protocol !== '' && ownMachine.test(hostname));
}
