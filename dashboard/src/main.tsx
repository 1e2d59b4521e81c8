import 'uplot/dist/uPlot.min.css';
import './styles/tokens.css';
import './styles/frame.css';
import './styles/parts.css';
import './styles/header.css';
import './styles/health.css';
import './styles/fleet.css';
import './styles/release-strip.css';
import './styles/signals.css';
import './styles/rollout.css';
import './styles/drift.css';
import './styles/scaling.css';
import './styles/cost.css';
import './styles/plan.css';
import './styles/diagnosis.css';
import './styles/replicas.css';
import './styles/starts.css';
import './styles/evidence.css';
import './styles/models.css';
import './styles/pools.css';
import './styles/releases.css';
import './styles/events.css';
import './styles/try-it.css';

import { StrictMode } from 'preact/compat';
import { createRoot } from 'preact/compat/client';
import { App } from './frame/app.tsx';
import { openSubject, presentPlace } from './frame/address.ts';
import { lookWhoThisIs, signIn } from './frame/page-session.ts';

const root = document.getElementById('page');
if (root === null) throw new Error('index.html has no element with the id "page"');
// A page that comes back from the browser's back-forward cache has lost its stream: start afresh.
addEventListener('pageshow', (event) => {
  if (event.persisted) location.reload();
});
const place = presentPlace();
if (place.kind === 'service') openSubject(place.subject);
// Where reading needs a token, a feed's first question is refused before the link was redeemed.
const signedIn = signIn();
createRoot(root).render(
  <StrictMode>
    <App place={place} signedIn={signedIn} />
  </StrictMode>,
);
void signedIn.then(lookWhoThisIs);
