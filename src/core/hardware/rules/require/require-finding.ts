import type { Compatibility } from '../../../contract/contract.ts';
import type { ImageFacts } from '../../../image/image-facts.ts';
import {
  checkRequirements,
  requireCheckers,
  requirementsOf,
  type RequireAnswer,
  type RequireHost,
} from './require-string.ts';
import { brands } from '../../tables/brands.ts';
import type { Source } from '../../tables/source.ts';
import { found, type Found } from '../finding.ts';
import { capabilityText, cudaText } from '../numbers.ts';
import type { UnitFacts } from '../unit-facts.ts';

const checkers: Source = {
  title: 'libnvidia-container dsl.c; nvidia-container-toolkit internal/requirements',
  url: 'https://github.com/NVIDIA/nvidia-container-toolkit',
  date: '2026-11',
};

/** Null where a fact is missing that the checkers would read on the node itself. */
export function requireHostOf({ driver, driverCuda, capability, brand }: UnitFacts): RequireHost | null {
  if (driver === null || driverCuda === null || capability === null || brand === null) return null;
  return {
    driver: driver.join('.'),
    cuda: cudaText(driverCuda),
    arch: capabilityText(capability),
    brand: brands.find(({ name }) => name === brand)?.requireName ?? 'unknown',
  };
}

/**
 * The require string never decides: the default container runtime does not evaluate it. Where it does not agree with the
 * rules about driver and kernels, people should know.
 *
 * | require | rules | |
 * |---|---|---|
 * | no | it runs | `require-false-refusal`: a runtime that checks refuses the container for nothing |
 * | yes | it does not | `require-false-pass`: a runtime that checks lets it start, and it fails later |
 * | cannot be read | any | `require-invalid` |
 */
export function requireFinding(image: ImageFacts, unit: UnitFacts, rules: Compatibility): readonly Found[] {
  const requirements = requirementsOf(image.env);
  const host = requireHostOf(unit);
  if (requirements.disabled || requirements.all.length === 0 || host === null || rules === 'unknown') return [];
  const answers = requireCheckers.map((checker) => ({
    checker,
    answer: checkRequirements(requirements, checker, host),
  }));
  const runs = rules !== 'incompatible';
  const those = (of: RequireAnswer['answer']) => answers.filter(({ answer }) => answer.answer === of);
  const names = (some: typeof answers): string => some.map(({ checker }) => checker).join(', ');
  const variables = requirements.all.map(({ variable }) => variable).join(', ');
  const facts = {
    ...host,
    require: requirements.all
      .map(({ text }) => text)
      .join(' & ')
      .slice(0, 200),
  };
  const warn = (rule: string, message: string, fix?: string): Found =>
    found({ rule, compatibility: rules, message, facts, source: checkers, fix, warning: true });
  const refused = those('no');
  const passed = those('yes');
  const invalid = those('error');
  return [
    ...(runs && refused.length > 0
      ? [
          warn(
            'require-false-refusal',
            `${variables} refuses this device (${names(refused)}), and the rules say ${rules}: ${conditionOf(refused)}`,
            'set NVIDIA_DISABLE_REQUIRE=true on the container, where its runtime checks the require string at all',
          ),
        ]
      : []),
    ...(!runs && passed.length > 0
      ? [
          warn(
            'require-false-pass',
            `${variables} lets this device pass (${names(passed)}), and the rules say it does not run: the container starts and fails later`,
          ),
        ]
      : []),
    ...(invalid.length > 0
      ? [
          warn(
            'require-invalid',
            `${variables} cannot be read by ${names(invalid)}: the container does not start there`,
          ),
        ]
      : []),
  ];
}

function conditionOf(answers: readonly { readonly answer: RequireAnswer }[]): string {
  const [first] = answers;
  return first?.answer.answer === 'no' ? `\`${first.answer.condition}\` does not hold` : '';
}
