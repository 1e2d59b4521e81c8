import { useState } from 'preact/compat';
import type { DiagnosisAnswer } from '../../../src/schemas/diagnosis/http-diagnosis.ts';
import { ofService } from '../frame/address.ts';
import { useRepeated } from '../live/use-repeated.ts';

export interface KnownDiagnosis {
  /** The newest answer; null before the first one. */
  readonly answer: DiagnosisAnswer | null;
  /** Status of the last question, where it was refused; null where it was answered, and where nobody answered. */
  readonly refused: number | null;
}

/** The control plane looks twice a minute. */
const everyMs = 15_000;
const answerTimeoutMs = 10_000;

export function useDiagnosis(): KnownDiagnosis {
  const [known, setKnown] = useState<KnownDiagnosis>({ answer: null, refused: null });
  useRepeated(
    (leaving) => {
      void askDiagnosis(leaving).then((told) => {
        if (!leaving.aborted) setKnown((before) => ({ ...before, ...told }));
      });
    },
    everyMs,
    'diagnosis',
  );
  return known;
}

/** Nothing where nobody answered: the connection's own notice says why. */
async function askDiagnosis(leaving: AbortSignal): Promise<Partial<KnownDiagnosis>> {
  const signal = AbortSignal.any([leaving, AbortSignal.timeout(answerTimeoutMs)]);
  try {
    const response = await fetch(ofService('v1/diagnosis'), { signal, cache: 'no-store' });
    if (!response.ok) return { refused: response.status };
    return { answer: (await response.json()) as DiagnosisAnswer, refused: null };
  } catch {
    return {};
  }
}
