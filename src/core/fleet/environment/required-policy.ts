import { PlimsollError } from '../../units/errors.ts';
import { policyProblem, type EnvironmentTerms } from './environment-record.ts';

/** Environments in which nothing is released without a policy, each with the least serial that the policy may have. */
export type RequiredPolicies = ReadonlyMap<string, number>;

export interface PolicyRefusal {
  readonly code: 'policy-missing' | 'policy-older' | 'policy-unreadable';
  readonly message: string;
  readonly next: string;
}

/**
 * Returns why nothing is released in an environment, by its policy alone; null where the policy can be used.
 *
 * | the policy | is required | answer |
 * |---|---|---|
 * | cannot be read | either | policy-unreadable |
 * | is not there | no | null |
 * | is not there | yes | policy-missing |
 * | has a smaller serial than required, or none | yes | policy-older |
 *
 * Rollbacks do not ask.
 */
export function findPolicyRefusal(
  record: EnvironmentTerms | null,
  environment: string,
  required: RequiredPolicies | undefined,
): PolicyRefusal | null {
  const next = `plimsoll environment set ${environment} --policy FILE`;
  const problem = policyProblem(record ?? {}, environment);
  if (problem !== null) return { code: 'policy-unreadable', message: problem, next };
  const least = required?.get(environment);
  if (least === undefined) return null;
  const policy = record?.policy;
  if (policy === undefined)
    return {
      code: 'policy-missing',
      message: `${environment} has no policy, and this control plane requires one`,
      next,
    };
  const serial = policy.serial ?? 0;
  if (serial >= least) return null;
  const message = `the policy of ${environment} has the serial ${serial}, and this control plane requires ${least} or more`;
  return { code: 'policy-older', message, next };
}

/**
 * The value of PLIMSOLL_REQUIRED_POLICIES: names of environments between spaces or commas, `prod=7` with the least serial.
 * @throws PlimsollError `required-policies-invalid` (input).
 */
export function readRequiredPolicies(setting: string): RequiredPolicies {
  const words = setting.split(/[\s,]+/).filter((word) => word !== '');
  return new Map(
    words.map((word) => {
      const [, name, serial = '0'] = /^([a-z](?:[a-z0-9-]{0,61}[a-z0-9])?)(?:=(\d{1,9}))?$/.exec(word) ?? [];
      if (name === undefined) throw invalid(word);
      return [name, Number(serial)];
    }),
  );
}

function invalid(word: string): PlimsollError {
  return new PlimsollError({
    code: 'required-policies-invalid',
    category: 'input',
    message: `PLIMSOLL_REQUIRED_POLICIES holds \`${word.slice(0, 100)}\`, which is no environment`,
    next: 'export PLIMSOLL_REQUIRED_POLICIES="prod=7 staging"',
  });
}
