import { proveSteps } from '../../core/units/next-steps/prove-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import type { Contract } from '../../core/contract/contract.ts';
import type { Lock, PinnedModel } from '../../core/evidence/lock/lock.ts';
import { codeSignatureFit } from '../../core/registry/code-signature.ts';
import { PlimsollError } from '../../core/units/errors.ts';

/** Why the pinned model may not run with the code, by `code.signature`; null where it may, or nothing is asked. */
export function signatureMisfit({ code }: Contract, model: PinnedModel | undefined): PlimsollError | null {
  if (code.signature === undefined || model === undefined) return null;
  const { verdict, reasons } = codeSignatureFit(code.signature, model.signature);
  if (verdict === 'pass') return null;
  const what = `model ${model.name} version ${model.version}`;
  return new PlimsollError({
    code: verdict === 'fail' ? 'signature-unfit' : 'signature-unknown',
    // Unknown is no failure of the model, and no pass: something is missing that would tell.
    category: verdict === 'fail' ? 'refused' : 'unavailable',
    message:
      verdict === 'fail'
        ? `${what} does not fit code.signature: ${reasons.join('; ')}`
        : `whether ${what} fits code.signature is unknown: ${reasons.join('; ')}`,
    next:
      verdict === 'fail'
        ? nextStep(proveSteps, 'signature-unfit+signature-unknown')
        : 'pin a model whose format tells its signature (ONNX), or leave code.signature out',
    details: { model: model.name, version: model.version, verdict, reasons },
  });
}

export function signatureMisfits(contract: Contract, lock: Lock | null, environment: string): readonly PlimsollError[] {
  const misfit = signatureMisfit(contract, lock?.environments[environment]?.model);
  return misfit === null ? [] : [misfit];
}

/** @throws PlimsollError `signature-unfit` (refused), `signature-unknown` (unavailable). */
export function requireSignatureFit(contract: Contract, model: PinnedModel): void {
  const misfit = signatureMisfit(contract, model);
  if (misfit !== null) throw misfit;
}
