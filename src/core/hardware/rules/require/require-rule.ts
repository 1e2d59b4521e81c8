import type { ImageFacts } from '../../../image/image-facts.ts';
import { stateSources } from '../../tables/device-states.ts';
import type { DeviceRule } from '../device-rules.ts';
import type { FactName } from '../../tables/fact-commands.ts';
import { found, notKnown } from '../finding.ts';
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
  /** Null where a fact is missing that the runtime would read. */
  const answerOf = (unit: UnitFacts): RequireAnswer | null => {
    if (unit.state.containerRuntime !== 'legacy') return { answer: 'yes' };
    const host = requireHostOf(unit);
    return host === null ? null : checkRequirements(requirements, 'legacy', host);
  };
  return {
    facet: 'require',
    decide: (unit) => {
      const answer = answerOf(unit);
      if (answer === null) return 'unknown';
      return answer.answer === 'yes' ? 'native' : 'incompatible';
    },
    explain: (unit, decided) => {
      const answer = answerOf(unit);
      if (answer === null) return notKnown('require-enforced', missingFact(unit));
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

function missingFact({ driver, driverCuda, capability }: UnitFacts): FactName {
  if (driver === null) return 'driver';
  if (driverCuda === null) return 'driverCuda';
  return capability === null ? 'computeCapability' : 'brand';
}
