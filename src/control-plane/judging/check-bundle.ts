import { chooseEnvironment } from '../../core/contract/choose-environment.ts';
import { lockMismatches } from '../../core/evidence/lock/lock-step.ts';
import type { LockedEnvironment, PinnedCode, PinnedModel } from '../../core/evidence/lock/lock.ts';
import { dataNames } from '../../core/evidence/present-subjects.ts';
import type { Digest } from '../../core/units/digest.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { codeOfBundle } from './environment-facts.ts';
import type { OpenedBundle } from './bundle-shelf.ts';

/** A bundle whose lock says what its files say. */
export interface PinnedBundle {
  readonly opened: OpenedBundle;
  readonly environment: string;
  readonly code: Digest;
  readonly locked: LockedEnvironment & { readonly code: PinnedCode; readonly model: PinnedModel };
}

/**
 * Contract, lock, files and model of a bundle must be of one service and say the same.
 * @throws PlimsollError `bundle-of-another`, `lock-out-of-step` (refused), with every mismatch; `environment-unknown` (input).
 */
export function requirePinned(opened: OpenedBundle, service: string, environment: string): PinnedBundle {
  const { bundle, loaded, lock } = opened;
  const { contract } = loaded;
  for (const [what, of] of [
    ['manifest', bundle.service],
    ['contract', contract.service],
  ] as const) {
    if (of !== service) throw ofAnother(`its ${what} is of the service ${of}, and ${service} is being released`);
  }
  if (bundle.environment !== environment) {
    throw ofAnother(`it was made for ${bundle.environment}, and is released to ${environment}`);
  }
  chooseEnvironment(contract, environment);
  const code = codeOfBundle(opened, environment);
  const names = dataNames(loaded);
  const mismatches = lockMismatches({ contract, environment, lock, codeDigest: code, dataNames: names }).map(
    ({ subject, from, to }) => `${subject}: ${from} -> ${to}`,
  );
  const locked = lock.environments[environment];
  if (mismatches.length > 0) throw outOfStep(mismatches);
  const { code: pinnedCode, model } = locked ?? {};
  if (locked === undefined || pinnedCode === undefined || model === undefined) throw outOfStep(['nothing is pinned']);
  if (code === null) throw outOfStep(['code: the lock does not say which image its reference stands for']);
  if (bundle.model.name !== model.name || bundle.model.digest !== model.digest) {
    throw ofAnother(`its model is not the one that its lock pins`);
  }
  return { opened, environment, code, locked: { ...locked, code: pinnedCode, model } };
}

function ofAnother(why: string): PlimsollError {
  return new PlimsollError({
    code: 'bundle-of-another',
    category: 'refused',
    message: `the bundle does not fit: ${why}`,
    next: 'plimsoll release makes it anew from the checkout',
  });
}

function outOfStep(mismatches: readonly string[]): PlimsollError {
  return new PlimsollError({
    code: 'lock-out-of-step',
    category: 'refused',
    message: `plimsoll.lock does not say what is there: ${mismatches.join('; ')}`,
    next: 'plimsoll pin',
    details: { mismatches },
  });
}
