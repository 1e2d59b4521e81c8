import path from 'node:path';
import type { Command } from 'commander';
import { cliSteps } from '../../core/units/next-steps/cli-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { chooseEnvironments } from '../../core/contract/choose-environment.ts';
import { kindsOf, kindTable } from '../../core/evidence/kinds/table.ts';
import { keyIdOf } from '../../core/trust/signing-key.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import {
  addSignature,
  readFolderSignatures,
  signEvidence,
  writeFolderSignatures,
} from '../../prove/trust/sign-evidence.ts';
import { readSigningKey, readSigningKeyOf } from '../../prove/trust/signing-key-file.ts';
import type { Signer } from '../../prove/trust/ed25519.ts';
import { noSignatures, signaturesFile } from '../../schemas/lock/lock-signatures.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';
import { evidenceKindOf } from '../option-values.ts';

export function configureSign(sign: Command): void {
  sign
    .description('sign the evidence of the lock, as it stands there')
    .option('--key <file>', 'the private key (default: PLIMSOLL_SIGNING_KEY)')
    .option('--kind <kind>', 'only this kind of evidence');
}

/** Signs what the lock says: whoever signs vouches for these measurements, for these environments. */
export async function runEvidenceSign(context: CliContext, { options }: CommandInput): Promise<CommandResult> {
  const signer = await findSigner(context, options['key']);
  const only = options['kind'] === undefined ? null : evidenceKindOf(String(options['kind']), '--kind');
  const project = await context.project();
  const { contract } = await project.contract();
  const chosen = typeof options['environment'] === 'string' ? options['environment'] : undefined;
  const names = chooseEnvironments(contract, chosen);
  const signed: { readonly environment: string; readonly kind: string }[] = [];
  await project.changeLock(async (lock) => {
    if (lock === null) throw nothingToSign();
    let signatures = (await readFolderSignatures(project.folder)) ?? noSignatures;
    for (const environment of names) {
      for (const kind of kindsOf(kindTable).filter((each) => only === null || each === only)) {
        const evidence = lock.environments[environment]?.evidence[kind];
        if (evidence === undefined) continue;
        const signature = signEvidence({ service: contract.service, environment }, evidence, signer);
        signatures = addSignature(signatures, environment, kind, signature);
        signed.push({ environment, kind });
      }
    }
    if (signed.length === 0) throw nothingToSign();
    await writeFolderSignatures(project.folder, signatures, context.writeDurably);
    return lock;
  });
  const keyId = keyIdOf(signer.key);
  const what = signed.map(({ environment, kind }) => `${kind} (${environment})`).join(', ');
  const text = `${keyId} signed ${what}\nnext: git add ${signaturesFile}, then plimsoll release`;
  return { exit: 0, json: { keyId, signed }, text };
}

async function findSigner(context: CliContext, file: unknown): Promise<Signer> {
  if (typeof file === 'string') return readSigningKey(path.resolve(context.cwd, file), file);
  const signer = await readSigningKeyOf(context.env);
  if (signer !== null) return signer;
  throw new PlimsollError({
    code: 'key-missing',
    category: 'input',
    message: 'no key is named, so that nothing can be signed',
    next: nextStep(cliSteps, 'key-missing'),
  });
}

function nothingToSign(): PlimsollError {
  return new PlimsollError({
    code: 'nothing-to-sign',
    category: 'not-found',
    message: 'plimsoll.lock holds no such evidence',
    next: nextStep(cliSteps, 'nothing-to-sign'),
  });
}
