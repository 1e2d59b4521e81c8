import type { ReactNode } from 'preact/compat';
import { useState } from 'preact/compat';
import type { DiagnosisAnswer, ShownDiagnosis } from '../../../src/schemas/diagnosis/http-diagnosis.ts';
import { Command } from '../parts/copy.tsx';
import { counted } from '../parts/format.ts';
import { Empty, Section } from '../parts/section.tsx';
import { ClockText } from '../parts/time.tsx';
import { Words } from '../parts/words.tsx';
import { CeilingBars } from './ceiling-bars.tsx';
import {
  costWords,
  findShown,
  firstSource,
  gainWords,
  layWaterfall,
  nextStep,
  proofsOf,
  readWords,
  type Source,
  sourcesOf,
  sourceWords,
  unreadOf,
  verdictWords,
} from './diagnosis-words.ts';
import { ProofTable } from './proof-table.tsx';
import { type KnownDiagnosis, useDiagnosis } from './use-diagnosis.ts';
import { WaterfallPlot } from './waterfall-plot.tsx';

/** Where requests wait, how near each ceiling is, and what starves the engine, with proof. */
export function Diagnosis(): ReactNode {
  const known = useDiagnosis();
  const [chosen, setChosen] = useState<Source | null>(null);
  const sources = known.answer === null ? [] : sourcesOf(known.answer);
  const first = known.answer === null ? null : firstSource(known.answer);
  const source = chosen !== null && sources.includes(chosen) ? chosen : first;
  return (
    <Section
      id="diagnosis"
      title="Diagnosis"
      aside={
        sources.length < 2 ? undefined : (
          <span className="lengths" role="group" aria-label="Which diagnosis is shown">
            {sources.map((each) => (
              <button key={each} type="button" aria-pressed={source === each} onClick={() => setChosen(each)}>
                {sourceWords[each]}
              </button>
            ))}
          </span>
        )
      }
    >
      <DiagnosisBody known={known} source={source} />
    </Section>
  );
}

function DiagnosisBody({
  known,
  source,
}: {
  readonly known: KnownDiagnosis;
  readonly source: Source | null;
}): ReactNode {
  const { answer, refused } = known;
  if (refused !== null) return <Empty>{`The control plane answered with status ${refused}.`}</Empty>;
  if (answer === null) return <Empty>Asking for the diagnosis.</Empty>;
  const shown = findShown(answer, source);
  if (shown !== null) return <Shown shown={shown} by={source === 'run' ? (answer.run?.by ?? null) : null} />;
  return <Empty command={<Command text="plimsoll diagnose" />}>{missingWords(answer)}</Empty>;
}

const missingWords = ({ watched }: DiagnosisAnswer): string =>
  `There is no diagnosis: ${'missing' in watched ? watched.missing : 'nothing is known'}.`;

function Shown({ shown, by }: { readonly shown: ShownDiagnosis; readonly by: string | null }): ReactNode {
  const { record, finding } = shown;
  const next = nextStep(shown);
  const drawn = layWaterfall(record);
  const [cost, gain] = [costWords(finding), gainWords(finding)];
  return (
    <>
      <p className="diagnosis-said" data-verdict={finding.verdict}>
        <Words text={verdictWords(shown)} />
      </p>
      <p className="sub">
        <ClockText words={(nowMs) => readWords(record, by, nowMs)} />
      </p>
      {cost === null ? null : <p className="diagnosis-cost">{cost}</p>}
      {next === null ? null : (
        <p className="diagnosis-next">
          <Words text={next.words} /> {next.command === null ? null : <Command text={next.command} />}
        </p>
      )}
      {gain === null ? null : <p className="sub">{gain}</p>}
      {finding.alsoShown.map(({ cause, words }) => (
        <p key={cause} className="sub">
          Also shown: {cause}, {words}.
        </p>
      ))}
      {finding.alsoFits.length === 0 ? null : (
        <p className="sub">The same experiment also takes away: {finding.alsoFits.join(', ')}.</p>
      )}
      <div className="diagnosis-columns">
        {typeof drawn === 'string' ? <Empty>{drawn}</Empty> : <WaterfallPlot drawn={drawn} />}
        <CeilingBars record={record} />
      </div>
      <ProofTable proofs={proofsOf(shown)} />
      <NotRead shown={shown} />
    </>
  );
}

function NotRead({ shown }: { readonly shown: ShownDiagnosis }): ReactNode {
  const groups = unreadOf(shown.record);
  if (groups.length === 0) return null;
  const count = groups.reduce((sum, { readings }) => sum + readings.length, 0);
  return (
    <details className="cost-numbers diagnosis-unread">
      <summary>{counted(count, 'reading')} could not be had: neither suspected nor excluded</summary>
      <ul>
        {groups.map(({ reason, readings, causes }) => (
          <li key={reason}>
            <Words text={reason} />
            <span className="sub">
              {readings.join('; ')}
              {causes.length === 0 ? '' : `. Leaves open: ${causes.join(', ')}`}
            </span>
          </li>
        ))}
      </ul>
    </details>
  );
}
