import type { ImageFacts } from '../../../image/image-facts.ts';
import { stateSources } from '../../tables/device-states.ts';
import type { DeviceRule } from '../device-rules.ts';
import { found } from '../finding.ts';
import type { UnitFacts } from '../unit-facts.ts';
import { requireHostOf } from './require-finding.ts';
import { checkRequirements, requirementsOf, type RequireAnswer } from './require-string.ts';

/**
 * Where the container runtime is known to work in legacy mode, the require string decides: a container that it refuses does
 * not start, whatever driver and kernels say. Elsewhere `requireFinding` warns. Null where nothing is required.
 */
export function requireRule(image: ImageFacts): DeviceRule | null {
  const requirements = requirementsOf(image.env);
  if (requirements.disabled || requirements.all.length === 0) return null;
  const answerOf = (unit: UnitFacts): RequireAnswer => {
    const host = unit.state.containerRuntime === 'legacy' ? requireHostOf(unit) : null;
    return host === null ? { answer: 'yes' } : checkRequirements(requirements, 'legacy', host);
  };
  return {
    facet: 'require',
    decide: (unit) => (answerOf(unit).answer === 'yes' ? 'native' : 'incompatible'),
    explain: (unit, decided) => {
      const answer = answerOf(unit);
      const names = requirements.all.map(({ variable }) => variable).join(', ');
      return found({
        rule: 'require-enforced',
        compatibility: decided,
        message:
          answer.answer === 'no'
            ? `the container runtime checks ${names}, and \`${answer.condition}\` does not hold: the container does not start`
            : answer.answer === 'error'
              ? `the container runtime checks ${names}, and cannot read it: the container does not start`
              : `nothing that is known to check ${names} refuses the device`,
        facts: { containerRuntime: unit.state.containerRuntime ?? null },
        source: stateSources.runtime,
        fix:
          decided === 'native'
            ? undefined
            : 'a driver that the image asks for, or NVIDIA_DISABLE_REQUIRE=true on the container',
      });
    },
  };
}
