import type { ReactNode } from 'preact/compat';
import type { SignalSample } from '../../../src/schemas/view/view.ts';
import { formatCount, formatDuration, formatFineShare, formatMs, formatShare, formatWhole } from '../parts/format.ts';
import { type IdleAccount, idleAccount } from './idle-share.ts';
import type { ReplicaCount } from '../replicas/replica-history.ts';
import { keptSeconds } from '../signals/signal-window.ts';

interface IdleProps {
  readonly samples: readonly SignalSample[];
  readonly counts: readonly ReplicaCount[];
  /** Before this moment the replicas of the live release are not known. */
  readonly fromMs: number;
  /** Share of late requests when the policy replayed what came lately; null where the policy tells none. */
  readonly foretoldLateShare: number | null;
}

/** The two sides of the scales: what is paid for and does nothing, and what comes too late or not at all. */
export function IdleAgainstRisk({ samples, counts, fromMs, foretoldLateShare }: IdleProps): ReactNode {
  const account = idleAccount(samples, counts, fromMs);
  return (
    <div className="idle">
      <h3>
        Idle against risk <span className="unit">of the last {formatDuration(keptSeconds * 1000)}</span>
      </h3>
      {account === null ? (
        <p className="sub">Not known: no gateway reported while replicas of this release were there.</p>
      ) : (
        <Account account={account} worstMs={worstLatencyMs(samples, fromMs)} foretoldLateShare={foretoldLateShare} />
      )}
    </div>
  );
}

interface AccountProps {
  readonly account: IdleAccount;
  readonly worstMs: number | null;
  readonly foretoldLateShare: number | null;
}

function Account({ account, worstMs, foretoldLateShare }: AccountProps): ReactNode {
  const { workSeconds, idleSeconds, loadingSeconds, requests, errors, seconds } = account;
  const paid = workSeconds + idleSeconds + loadingSeconds;
  const parts = [
    ['work', 'at work, at most', workSeconds],
    ['idle', 'idle, at least', idleSeconds],
    ['loading', 'loading', loadingSeconds],
  ] as const;
  const share = (part: number): number => (paid === 0 ? 0 : part / paid);
  return (
    <>
      <svg className="idle-bar" width="100%" height="14" role="img" aria-label={barWords(parts, share)}>
        {parts.map(([name, , part], index) => (
          <rect
            key={name}
            className={`idle-${name}`}
            x={percent(parts.slice(0, index).reduce((sum, each) => sum + share(each[2]), 0))}
            width={percent(share(part))}
            height="14"
          />
        ))}
      </svg>
      <dl className="idle-parts">
        {parts.map(([name, words, part]) => (
          <div key={name}>
            <dt>
              <svg className="key" width="10" height="10" aria-hidden="true">
                <rect className={`idle-${name}`} width="10" height="10" />
              </svg>
              {words}
            </dt>
            <dd>
              <strong>{formatShare(share(part))}</strong>{' '}
              <span className="sub">{formatCount(part)} replica-seconds</span>
            </dd>
          </div>
        ))}
        <div className="idle-risk">
          <dt>failed requests</dt>
          <dd>
            <strong>{formatFineShare(requests === 0 ? null : errors / requests)}</strong>{' '}
            <span className="sub">of {formatWhole(requests)}</span>
          </dd>
        </div>
        <div>
          <dt>slowest second, p99</dt>
          <dd>
            <strong>{formatMs(worstMs)}</strong> <span className="sub">{worstMs === null ? '' : 'ms'}</span>
          </dd>
        </div>
        {foretoldLateShare === null ? null : (
          <div>
            <dt>late, as replayed</dt>
            <dd>
              <strong>{formatFineShare(foretoldLateShare)}</strong> <span className="sub">by the last decision</span>
            </dd>
          </div>
        )}
      </dl>
      <p className="sub">
        A replica with a request in flight counts as at work. Counted over {formatDuration(seconds * 1000)} in which all
        of it is known.
      </p>
    </>
  );
}

const percent = (share: number): string => `${(share * 100).toFixed(3)}%`;

const barWords = (parts: readonly (readonly [string, string, number])[], share: (part: number) => number): string =>
  `Replica-seconds: ${parts.map(([, words, part]) => `${words} ${formatShare(share(part))}`).join('; ')}`;

function worstLatencyMs(samples: readonly SignalSample[], fromMs: number): number | null {
  const known = samples.flatMap(({ atMs, latencyP99Ms }) =>
    atMs < fromMs || latencyP99Ms === null ? [] : [latencyP99Ms],
  );
  return known.length === 0 ? null : Math.max(...known);
}
