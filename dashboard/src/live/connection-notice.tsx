import type { ReactNode } from 'preact/compat';
import { Command } from '../parts/copy.tsx';
import { formatDuration } from '../parts/format.ts';
import { SignInWays } from '../frame/sign-in.tsx';
import { useConnection, useSilence, useTrouble } from './use-live.ts';

/** Lies over the page's foot, so that its coming and going moves nothing. `children` says what goes on without it. */
export function GoneNotice({ children }: { readonly children: ReactNode }): ReactNode {
  const state = useConnection();
  const trouble = useTrouble();
  const shown = state === 'gone' && children !== null;
  if (shown && trouble?.endsWith('status 401') === true) return <SignedOutNotice />;
  return (
    <div className="gone-notice" role="status" data-shown={shown || undefined}>
      {shown ? (
        <>
          <p>
            <strong>The control plane does not answer.</strong> What you see is <Silence /> old
            {trouble === null ? '' : ` (${trouble})`}. {children}
          </p>
          <Command text="plimsoll up" />
        </>
      ) : null}
    </div>
  );
}

/** The session ended, or was taken back, while the page stood open. */
function SignedOutNotice(): ReactNode {
  return (
    <div className="gone-notice" role="status" data-shown>
      <p>
        <strong>This page is not signed in any more.</strong> What you see is <Silence /> old. To go on, <SignInWays />
      </p>
    </div>
  );
}

function Silence(): ReactNode {
  return useSilence((silentForMs) => formatDuration(Math.floor(silentForMs / 1000) * 1000));
}

/** Before the first answer. */
export function Connecting(): ReactNode {
  const state = useConnection();
  const trouble = useTrouble();
  if (trouble?.endsWith('status 401') === true) {
    return (
      <div className="connecting" role="status">
        <h2>This page is not signed in</h2>
        <p>
          Reading needs a credential here. To read, <SignInWays />
        </p>
      </div>
    );
  }
  if (state === 'connecting') {
    return (
      <div className="connecting" role="status">
        <p>Asking the control plane…</p>
      </div>
    );
  }
  return (
    <div className="connecting" role="status">
      <h2>The control plane does not answer</h2>
      <p>This page asks again every few seconds{trouble === null ? '' : `; the last time, ${trouble}`}.</p>
      <Command text="plimsoll up" />
    </div>
  );
}
