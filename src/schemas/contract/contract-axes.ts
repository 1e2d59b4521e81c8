import * as z from 'zod';
import { statedPrecisions } from '../../core/contract/contract.ts';
import { defaults } from '../../core/contract/defaults.ts';
import { replicaTlsVariables } from '../../core/contract/replica-tls.ts';
import { addIssue, artifactName, defined, relativePath, text, variableName } from './contract-forms.ts';
import { replicaEnvironment } from '../replica/replica-environment.ts';
import { spareVariable } from '../replica/spare-order.ts';

const word = z.string().max(4096);
/** `store/path#entry`; what follows no slash is most likely the secret itself. */
const secretReference = text(/^[a-z][a-z0-9-]*\/[A-Za-z0-9._/-]{1,200}(#[A-Za-z0-9._-]{1,100})?$/);
const imageReference = text(/^[a-z0-9][A-Za-z0-9._/:-]*(@sha256:[0-9a-f]{64})?$/).max(500);
const reserved = new Set<string>([
  ...Object.values(replicaEnvironment),
  ...Object.values(replicaTlsVariables),
  spareVariable,
]);

const variables = <T extends z.ZodType>(value: T) =>
  z.record(variableName, value).check((context) => {
    for (const name of Object.keys(context.value).filter((key) => reserved.has(key))) {
      addIssue(
        context.issues,
        name,
        `\`${name}\` is set by the platform for every replica`,
        { code: 'contradiction', expected: 'another name' },
        [name],
      );
    }
  });

const tensor = z.strictObject({
  name: z.string().min(1).max(500),
  datatype: z.enum([
    'BOOL',
    'UINT8',
    'UINT16',
    'UINT32',
    'UINT64',
    'INT8',
    'INT16',
    'INT32',
    'INT64',
    'FP16',
    'BF16',
    'FP32',
    'FP64',
    'BYTES',
  ]),
  shape: z.array(z.int().min(-1)).max(32),
});

const codeSignature = z
  .strictObject({ inputs: z.array(tensor).min(1).max(1_000), outputs: z.array(tensor).min(1).max(1_000) })
  .check((context) => {
    for (const side of ['inputs', 'outputs'] as const) {
      const names = context.value[side].map(({ name }) => name);
      const twice = names.findIndex((name, at) => names.indexOf(name) < at);
      if (twice === -1) continue;
      addIssue(
        context.issues,
        names[twice],
        `\`${names[twice]}\` is written twice`,
        { code: 'contradiction', expected: 'each tensor once' },
        [side, twice, 'name'],
      );
    }
  });

export const codeSection = z
  .strictObject({
    image: imageReference.optional(),
    command: z.array(word.min(1)).min(1).max(64).optional(),
    args: z.array(word).max(256).default([]),
    files: z.array(relativePath).max(256).default([]),
    env: variables(word).default({}),
    secrets: variables(secretReference).default({}),
    tls: text(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/).optional(),
    protocol: z.enum(['open-inference-v2', 'openai']).default(defaults.protocol),
    signature: codeSignature.optional(),
  })
  .check((context) => {
    const { image, command, files, env, secrets } = context.value;
    const contradiction = (message: string, expected: string, path: readonly string[]): void => {
      addIssue(context.issues, context.value, message, { code: 'contradiction', expected }, path);
    };
    if (image !== undefined && command !== undefined) {
      contradiction('`image` and `command` are both written', 'exactly one of them', ['command']);
    }
    if (image === undefined && command === undefined) {
      contradiction(
        'neither `image` nor `command` says what runs',
        '`command: [plimsoll, serve-model]` or `image:`',
        [],
      );
    }
    if (image !== undefined && files.length > 0) {
      contradiction('`files` belong to `command`; an image holds its own', 'no `files` beside `image`', ['files']);
    }
    for (const name of Object.keys(env).filter((key) => Object.hasOwn(secrets, key))) {
      contradiction(`\`${name}\` is in \`env\` and in \`secrets\``, 'one of the two', ['env', name]);
    }
  })
  .transform(defined);

const versionText = z
  .union([z.int().min(1), text(/^(?:[1-9][0-9]{0,14}|[A-Za-z][A-Za-z0-9-]{0,62})$/)])
  .transform(String);

export const modelSection = z
  .strictObject({
    name: artifactName,
    version: versionText.default(defaults.modelVersion),
    context: z.int().min(1).max(100_000_000).optional(),
    concurrency: z.int().min(1).max(1_000_000).optional(),
    precision: z.enum(statedPrecisions).optional(),
  })
  .transform((section) => defined(section));
