import type { ReactNode } from 'preact/compat';
import type { Knower } from '../../../src/core/evidence/kinds/kind-row.ts';
import type { EvidenceState, SubjectState } from '../../../src/core/evidence/lock/lock.ts';
import { shortDigest } from '../parts/format.ts';
import { isMoved } from './moved.ts';

const knowerWords: Readonly<Record<Knower, string>> = {
  tree: 'the checkout',
  bundle: 'the bundle',
  store: 'the store',
  nodes: 'the nodes',
  tables: 'the rule tables',
  claimed: 'claimed by the lock',
};

/** What one kind of evidence was measured of, and what is there now. */
export function Subjects({ state }: { readonly state: EvidenceState }): ReactNode {
  return (
    <table className="subjects" aria-label={`Subjects of ${state.kind}`}>
      <thead>
        <tr>
          <th scope="col">Subject</th>
          <th scope="col">Known by</th>
          <th scope="col">Measured</th>
          <th scope="col">Present</th>
        </tr>
      </thead>
      <tbody>
        {state.subjects?.map((subject) => (
          <Subject key={subject.subject} subject={subject} stale={state.freshness === 'stale'} />
        ))}
      </tbody>
    </table>
  );
}

function Subject({ subject, stale }: { readonly subject: SubjectState; readonly stale: boolean }): ReactNode {
  const { subject: name, knownBy, measured, present, unknown } = subject;
  return (
    <tr>
      <th scope="row">{name}</th>
      <td className="subject-knower">{knowerWords[knownBy]}</td>
      <td className="subject-measured">
        <ShortDigest digest={measured} />
      </td>
      <td className="subject-present">
        {unknown === undefined ? <ShortDigest digest={present} /> : <span title={unknown}>not known</span>}
        {isMoved(subject) ? (
          <>
            {' '}
            <span className={stale ? 'flag' : 'flag flag-plain'}>{stale ? 'moved' : 'moved, still holds'}</span>
          </>
        ) : null}
      </td>
    </tr>
  );
}

function ShortDigest({ digest }: { readonly digest: string | null }): ReactNode {
  return digest === null ? 'not there' : <code title={digest}>{shortDigest(digest)}</code>;
}
