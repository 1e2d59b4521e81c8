import type { ReactNode } from 'preact/compat';
import { useState } from 'preact/compat';
import type { EvidenceState } from '../../../src/core/evidence/lock/lock.ts';
import { isFailing, waivedWords } from '../../../src/core/evidence/lock/waiver.ts';
import { Clipped } from '../parts/clipped.tsx';
import { Command } from '../parts/copy.tsx';
import { formatDay } from '../parts/format.ts';
import { FreshnessGlyph, freshnessWords, VerdictGlyph } from '../parts/glyphs.tsx';
import { Empty, Section } from '../parts/section.tsx';
import { Time } from '../parts/time.tsx';
import { Words } from '../parts/words.tsx';
import type { ServiceView } from '../../../src/schemas/view/view.ts';
import { subjectsWords } from './moved.ts';
import { Subjects } from './subjects.tsx';

/** Kinds that the contract asks for, one a row; the others in one line, because they ask nothing of anybody. */
export function Evidence({ view }: { readonly view: ServiceView }): ReactNode {
  const { evidence, evidenceOf = null } = view;
  const asked = evidence.filter((state) => state.freshness !== 'not-asked');
  const notAsked = evidence.filter((state) => state.freshness === 'not-asked');
  const holds = asked.filter((state) => state.freshness === 'fresh' && state.verdict === 'pass').length;
  return (
    <Section
      id="evidence"
      title={evidenceOf === null ? 'Evidence' : `Evidence of release ${evidenceOf}`}
      aside={asked.length === 0 ? null : `${holds} of ${asked.length} fresh and passing`}
    >
      {evidence.length === 0 ? (
        <NotJudged released={view.releases.length > 0} />
      ) : asked.length === 0 ? (
        <Empty command={<Command text="plimsoll explain monitoring.golden" />}>
          The contract asks for no evidence. Each key that it writes asks for the evidence of that key.
        </Empty>
      ) : (
        <table className="evidence-table">
          <thead>
            <tr>
              <th scope="col">Kind</th>
              <th scope="col">Evidence</th>
              <th scope="col">Verdict</th>
              <th scope="col">Why</th>
              <th scope="col">Renew</th>
            </tr>
          </thead>
          <tbody>
            {asked.map((state) => (
              <EvidenceRow key={state.kind} state={state} />
            ))}
          </tbody>
        </table>
      )}
      {notAsked.length === 0 ? null : (
        <p className="not-asked">
          <FreshnessGlyph freshness="not-asked" /> Not asked for by the contract:{' '}
          {notAsked.map((state) => state.kind).join(', ')}
        </p>
      )}
    </Section>
  );
}

function NotJudged({ released }: { readonly released: boolean }): ReactNode {
  if (released) return <Empty>The evidence of the newest release is being judged.</Empty>;
  return (
    <Empty command={<Command text="plimsoll check" />}>
      No release yet. This table shows the evidence of the live release. Judge the evidence of your checkout:
    </Empty>
  );
}

function EvidenceRow({ state }: { readonly state: EvidenceState }): ReactNode {
  const [open, setOpen] = useState(false);
  const subjects = subjectsWords(state);
  const row = (
    <tr className={`evidence-${state.freshness}`}>
      <th scope="row">
        {state.kind}
        {subjects === null ? null : (
          <button
            type="button"
            className="more"
            aria-expanded={open}
            aria-label={`Subjects of ${state.kind}: ${subjects}`}
            onClick={() => setOpen(!open)}
          >
            {subjects}
          </button>
        )}
      </th>
      <td className="evidence-freshness">
        <span className="with-glyph">
          <FreshnessGlyph freshness={state.freshness} />
          {freshnessWords[state.freshness]}
        </span>
        {state.measuredAtMs === undefined ? null : (
          <span className="sub">
            measured <Time atMs={state.measuredAtMs} />
          </span>
        )}
      </td>
      <td className="evidence-verdict">
        <span className="with-glyph">
          <VerdictGlyph verdict={state.verdict} />
          {state.verdict}
        </span>
      </td>
      <td className="evidence-why">
        <Reasons state={state} />
        <WaiverLine state={state} />
      </td>
      <td className="evidence-renew">{state.renew === undefined ? null : <Command text={state.renew} />}</td>
    </tr>
  );
  if (!open) return row;
  return (
    <>
      {row}
      <tr className="subjects-row">
        <td colSpan={5}>
          <Subjects state={state} />
        </td>
      </tr>
    </>
  );
}

function WaiverLine({ state }: { readonly state: EvidenceState }): ReactNode {
  const { waiver } = state;
  if (waiver === undefined) return null;
  return (
    <p className="waiver">
      <span className={isFailing(state) ? 'flag flag-bad' : 'flag'}>{waivedWords(waiver, state)}</span> until{' '}
      {formatDay(waiver.untilMs)} by {waiver.by}: {waiver.reason}
    </p>
  );
}

/** Two lines are reserved; more is one press away, so that a long reason does not push the page about. */
function Reasons({ state }: { readonly state: EvidenceState }): ReactNode {
  const [open, setOpen] = useState(false);
  const [first = '', ...others] = state.reasons;
  if (others.length === 0)
    return (
      <Clipped lines={2} what={`why ${state.kind} is so`}>
        <Words text={first} />
      </Clipped>
    );
  return (
    <>
      <div className="reasons">
        <p className={open ? undefined : 'reason'}>
          <Words text={first} />
        </p>
        <button type="button" className="more" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? 'less' : `${others.length} more`}
        </button>
      </div>
      {open
        ? others.map((reason) => (
            <p key={reason}>
              <Words text={reason} />
            </p>
          ))
        : null}
    </>
  );
}
