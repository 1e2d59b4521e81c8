import { kindsOf, kindTable } from '../../core/evidence/kinds/table.ts';
import { digestOfMeasured } from '../../core/evidence/sighting.ts';
import { jobText, readCiIdentity } from '../../core/trust/ci/ci-job.ts';
import { isReceiptOf, type EvidenceReceipt } from '../../core/trust/evidence-receipt.ts';
import type { EventOf } from '../../core/records/event.ts';
import { isDigest, shortDigest } from '../../core/units/digest.ts';
import { verifyEd25519 } from '../../prove/trust/ed25519.ts';
import { readFolderSignatures } from '../../prove/trust/sign-evidence.ts';
import type { CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';
import { alignedTable } from '../terminal/table.ts';
import { utcText } from '../terminal/time-text.ts';

/** Events that are looked at for who sent evidence: a service has a few each day. */
const receivedLookedAt = 5_000;

type ReceivedEvent = EventOf<'evidence.received'>;

/** Evidence of the lock, its signatures, and who sent it first as far as the control plane recorded that. */
export async function runEvidenceList(context: CliContext): Promise<CommandResult> {
  const project = await context.project();
  const { service } = (await project.contract()).contract;
  const environment = await context.environment();
  const locked = (await project.lock())?.environments[environment];
  const signatures = (await readFolderSignatures(project.folder))?.environments[environment] ?? {};
  const received = await readReceived(context, service, environment);
  const evidence = kindsOf(kindTable).flatMap((kind) => {
    const measured = locked?.evidence[kind];
    if (measured === undefined) return [];
    const digest = digestOfMeasured(measured);
    const event = received.find(({ data }) => data.digest === digest);
    const signedBy = (signatures[kind] ?? []).map(({ keyId }) => keyId);
    return [
      { kind, digest, measuredAtMs: measured.measuredAtMs, by: measured.by, signedBy, received: receiptOf(event) },
    ];
  });
  const rows = evidence.map(({ kind, digest, signedBy, received: of }) => [
    kind,
    shortDigest(digest),
    signedBy.length === 0 ? 'not signed' : `signed by ${signedBy.join(', ')}`,
    of === null
      ? 'not sent yet'
      : `sent by ${of.sender}${of.job === undefined ? '' : `, ${jobText(of.job)},`} at ${utcText(of.receivedAtMs)}, ${of.countersigned}`,
  ]);
  const none = `plimsoll.lock holds no evidence for ${environment}\nnext: plimsoll check`;
  return { exit: 0, json: { environment, evidence }, text: rows.length === 0 ? none : alignedTable(rows).join('\n') };
}

async function readReceived(
  context: CliContext,
  service: string,
  environment: string,
): Promise<readonly ReceivedEvent[]> {
  const scope = { service, environment, kindPrefix: 'evidence.received', last: receivedLookedAt };
  const events = await (await context.operations()).events(scope);
  return events.filter((event): event is ReceivedEvent => event.kind === 'evidence.received');
}

/** What the control plane says of it, and whether its countersignature is of just that. */
function receiptOf(event: ReceivedEvent | undefined) {
  if (event === undefined) return null;
  const { service, environment, atMs, data } = event;
  const { kind = '', digest = '', sender = '', receipt } = data;
  const job = readCiIdentity(data.job) ?? undefined;
  const known = kindsOf(kindTable).find((each) => each === kind);
  const ofJob = job === undefined ? {} : { job };
  const shared = { sender, ...ofJob, receivedAtMs: atMs };
  if (receipt === undefined || known === undefined || !isDigest(digest)) {
    return { ...shared, countersigned: 'not countersigned: no control plane ran' };
  }
  const of = receipt as unknown as EvidenceReceipt;
  const facts = { service, environment, kind: known, digest, sender, ...ofJob, receivedAtMs: atMs };
  const isGood = isReceiptOf(facts, of, verifyEd25519);
  return {
    ...shared,
    countersigned: isGood ? `countersigned by ${of.keyId}` : 'with a countersignature that is wrong',
  };
}
