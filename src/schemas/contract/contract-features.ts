import * as z from 'zod';
import { defaults } from '../../core/contract/defaults.ts';
import { addIssue, defined, positiveDurationMs, relativePath } from './contract-forms.ts';

const featuresAtMost = 64;
const featureName = z.string().regex(/^[A-Za-z][\w.-]{0,62}$/);

const program = () =>
  z
    .strictObject({
      module: relativePath.optional(),
      command: z.array(z.string().min(1).max(4096)).min(1).max(256).optional(),
      files: z.array(relativePath).max(256).default([]),
      gives: z
        .record(featureName, z.enum(['number', 'category']))
        .refine((gives) => Object.keys(gives).length > 0, 'a program gives one feature at least'),
      timeout: positiveDurationMs().optional(),
    })
    .check((context) => {
      const { command, module } = context.value;
      if ((command === undefined) !== (module === undefined)) return;
      const expected = '`command` or `module`, and not both';
      addIssue(context.issues, context.value, 'features are computed by one program', {
        code: 'contradiction',
        expected,
      });
    })
    .transform(({ timeout = defaults.featureTimeoutMs, ...rest }) => defined({ ...rest, timeoutMs: timeout }));

/** `monitoring.features`: no name twice. */
export const featurePrograms = () =>
  z
    .array(program())
    .min(1)
    .max(8)
    .check((context) => {
      const names = new Set<string>();
      context.value.forEach(({ gives }, at) => {
        for (const name of Object.keys(gives)) {
          const facts = { code: 'contradiction', expected: 'another name' };
          if (names.has(name)) {
            addIssue(context.issues, name, `\`${name}\` is given twice`, facts, [at, 'gives', name]);
          }
          names.add(name);
        }
      });
      if (names.size <= featuresAtMost) return;
      const expected = `at most ${featuresAtMost}`;
      addIssue(context.issues, names.size, `${names.size} features are given`, { expected });
    });
