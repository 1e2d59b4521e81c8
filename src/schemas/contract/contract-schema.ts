import * as z from 'zod';
import type { Contract } from '../../core/contract/contract.ts';
import { defaults } from '../../core/contract/defaults.ts';
import { evidenceKinds } from '../../core/evidence/kinds/table.ts';
import { artifactName, defined, dnsLabel, objectName, positiveDurationMs, addIssue, text } from './contract-forms.ts';
import { codeSection, modelSection } from './contract-axes.ts';
import { evaluationSection, monitoringSection } from './contract-quality.ts';
import { coldStartSection, hardwareSection, objectiveSection } from './contract-machine.ts';
import { featureSources } from './contract-feature-sources.ts';
import { gatewaySection } from './contract-gateway.ts';
import { costSection, rolloutSection, scalingSection } from './contract-watch.ts';

const environmentName = dnsLabel.check((context) => {
  if (context.value === 'all') addIssue(context.issues, 'all', '`all` means "each environment" and cannot name one');
});

const environmentSection = () =>
  z
    .strictObject({
      pool: artifactName.optional(),
      platform: z.enum(['local', 'kubernetes']).optional(),
      namespace: dnsLabel.optional(),
      selector: z.record(text(/^[A-Za-z0-9][A-Za-z0-9._/-]{0,252}$/), z.string()).default({}),
      runtimeClass: objectName.optional(),
    })
    .transform(defined);

const maxAgeSection = () =>
  z.strictObject(Object.fromEntries(evidenceKinds.map((kind) => [kind, positiveDurationMs().optional()])));

const environmentsSection = () =>
  z.record(environmentName, environmentSection()).check((context) => {
    if (Object.keys(context.value).length > 0) return;
    addIssue(context.issues, context.value, '`environments` names none', { expected: 'at least one environment' });
  });

const requiredSections = {
  apiVersion: z.literal('plimsoll.dev/v1'),
  service: dnsLabel,
  code: codeSection,
  model: modelSection,
};

/** Made only for a contract that writes them: `check` starts on every commit, and making a schema takes its time. */
const optionalSections = {
  owner: () => z.string().min(1).max(100),
  hardware: hardwareSection,
  objective: objectiveSection,
  coldStart: coldStartSection,
  scaling: scalingSection,
  features: featureSources,
  evaluation: evaluationSection,
  monitoring: monitoringSection,
  rollout: rolloutSection,
  gateway: gatewaySection,
  cost: costSection,
  maxAge: maxAgeSection,
  environments: environmentsSection,
} as const;

type OptionalSections = typeof optionalSections;
export type WrittenContract = z.output<z.ZodObject<typeof requiredSections>> & {
  readonly [K in keyof OptionalSections]?: z.output<ReturnType<OptionalSections[K]>>;
};

/** The schema for a contract that writes these top-level keys; without them, of every contract. */
export function contractSchema(keys: readonly string[] = Object.keys(optionalSections)) {
  const written = Object.entries(optionalSections).filter(([key]) => keys.includes(key));
  const optional: Readonly<Record<string, z.ZodType>> = Object.fromEntries(
    written.map(([key, make]) => [key, make().optional()]),
  );
  return z.strictObject({ ...requiredSections, ...optional });
}

/** Fills in what holds where nothing is written, for what is not a section of its own. */
export function toContract(written: WrittenContract): Contract {
  const { maxAge, environments, ...sections } = written;
  const platform = written.code.image === undefined ? 'local' : 'kubernetes';
  const named = Object.entries(environments ?? { [defaults.environment]: { selector: {} } });
  return {
    ...defined(sections),
    maxAgeMs: defined(maxAge ?? {}) as Record<string, number>,
    environments: Object.fromEntries(named.map(([name, section]) => [name, { platform, ...section }])),
  };
}
