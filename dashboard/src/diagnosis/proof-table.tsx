import type { ReactNode } from 'preact/compat';
import { HeadRow } from '../parts/head-row.tsx';
import { Words } from '../parts/words.tsx';
import type { Proof } from './diagnosis-words.ts';

const heads = ['cause', 'what points at it', 'experiment', 'what it gave'] as const;

/** Suspected causes in the order of the questions, each with what its experiment gave. */
export function ProofTable({ proofs }: { readonly proofs: readonly Proof[] }): ReactNode {
  if (proofs.length === 0) return null;
  return (
    <table className="proofs" role="table">
      <caption className="unseen">Suspected causes, what points at each, and what its experiment gave</caption>
      <HeadRow names={heads} />
      <tbody role="rowgroup">
        {proofs.map(({ cause, reason, experiment, kind, outcome }) => (
          <tr key={cause} role="row" data-kind={kind}>
            <th role="rowheader" scope="row">
              {cause}
            </th>
            <td role="cell" data-name={heads[1]}>
              <Words text={reason} />
            </td>
            <td role="cell" data-name={heads[2]}>
              {experiment}
            </td>
            <td role="cell" data-name={heads[3]} className="proof-outcome">
              <Words text={outcome} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
