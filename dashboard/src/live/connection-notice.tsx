import type { ReactNode } from 'preact/compat';
import { Command } from '../parts/copy.tsx';
import { formatDuration } from '../parts/format.ts';
import { useConnection, useSilence, useTrouble } from './use-live.ts';

/** Lies over the page's foot, so that its coming and going moves nothing. `children` says what goes on without it. */
export function GoneNotice({ children }: { readonly children: ReactNode }): ReactNode {
  const state = useConnection();
  const trouble = useTrouble();
  const shown = state === 'gone' && children !== null;
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

function Silence(): ReactNode {
  return useSilence((silentForMs) => formatDuration(Math.floor(silentForMs / 1000) * 1000));
}

/** Before the first answer. */
export function Connecting(): ReactNode {
  const state = useConnection();
  const trouble = useTrouble();
  if (state === 'connecting') {
    return (
      <div className="connecting" role="status">
        <p>Asking the control plane…</p>
      </div>
    );
  }
  if (trouble?.endsWith('status 401') === true) {
    return (
      <div className="connecting" role="status">
        <h2>This page is not signed in</h2>
        <p>Reading needs a token here. The link of this command signs the page in.</p>
        <Command text="plimsoll page" />
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
