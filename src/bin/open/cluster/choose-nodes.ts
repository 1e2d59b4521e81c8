import { programSteps } from '../../../core/units/next-steps/program-steps.ts';
import { nextStep } from '../../../core/units/next-steps/next-step.ts';
import { PlimsollError } from '../../../core/units/errors.ts';
import type { Placement } from '../../../adapters/kubernetes/manifests/placement.ts';

/** A label: an optional domain, a name, and a value that may be empty. */
const label = '((?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?/)?[A-Za-z0-9](?:[\\w.-]{0,61}[A-Za-z0-9])?)';
const value = '((?:[A-Za-z0-9](?:[\\w.-]{0,61}[A-Za-z0-9])?)?)';
const selectorPattern = new RegExp(`^${label}=${value}$`);
const tolerationPattern = new RegExp(`^${label}(?:=${value})?(?::(NoSchedule|PreferNoSchedule|NoExecute))?$`);

/**
 * Nodes that replicas may go to.
 * @param selector `KEY=VALUE`, separated by commas: labels that a node must have.
 * @param tolerations `KEY[=VALUE][:EFFECT]`, separated by commas: taints that a node may have.
 * @throws PlimsollError `option-invalid` (input).
 */
export function chooseNodes(selector: string | undefined, tolerations: string | undefined): Placement {
  const nodeSelector = Object.fromEntries(
    wordsOf(selector).map((word) => {
      const [, key, held] = selectorPattern.exec(word) ?? [];
      if (key === undefined || held === undefined) throw invalid('--node-selector', word, 'KEY=VALUE');
      return [key, held];
    }),
  );
  const tolerated = wordsOf(tolerations).map((word) => {
    const [, key, held, effect] = tolerationPattern.exec(word) ?? [];
    if (key === undefined) throw invalid('--tolerations', word, 'KEY[=VALUE][:NoSchedule|PreferNoSchedule|NoExecute]');
    const taint = held === undefined ? { key, operator: 'Exists' } : { key, operator: 'Equal', value: held };
    return effect === undefined ? taint : { ...taint, effect };
  });
  return {
    ...(Object.keys(nodeSelector).length === 0 ? {} : { nodeSelector }),
    ...(tolerated.length === 0 ? {} : { tolerations: tolerated }),
  };
}

const wordsOf = (text: string | undefined): readonly string[] => (text === undefined ? [] : text.split(','));

function invalid(option: string, word: string, form: string): PlimsollError {
  return new PlimsollError({
    code: 'option-invalid',
    category: 'input',
    message: `${option} must be of the form ${form}, separated by commas, not \`${word.slice(0, 200)}\``,
    next: nextStep(programSteps, 'option-invalid/control-plane-help'),
  });
}
