import { makeDiagnosisRecord } from '../../core/diagnosis/report/diagnosis-record.ts';
import { asPlimsollError } from '../../core/units/errors.ts';
import { countAccelerators } from '../../prove/diagnosis/observed-service.ts';
import type { CliContext } from '../context.ts';
import type { ChosenService } from './chosen-service.ts';
import type { DiagnoseReport } from './diagnose-report.ts';

/** Sends what was read and measured, for the page and the history. A diagnosis that cannot be recorded is told here all the same. */
export async function recordOnControlPlane(
  context: Pick<CliContext, 'operations' | 'clock' | 'terminal'>,
  { observed: { service, environment }, looked }: Pick<ChosenService, 'observed' | 'looked'>,
  report: DiagnoseReport,
): Promise<void> {
  const record = makeDiagnosisRecord(report, report.finding.experiments, {
    takenAtMs: context.clock.nowMs(),
    node: looked?.node ?? null,
    accelerators: looked === null ? 1 : countAccelerators(looked),
  });
  try {
    await (await context.operations()).recordDiagnosis({ service, environment, record });
  } catch (thrown) {
    const { message, next } = asPlimsollError(thrown);
    context.terminal.note(`this diagnosis is not recorded: ${message}${next === undefined ? '' : ` (next: ${next})`}`);
  }
}
