import { always, isNumber, isObject, isText, oneOf, orNull, sometimes } from '../facts.ts';

/** What happens to models, data and aliases. */
export const registryKinds = {
  'alias.moved': {
    environment: always(isText),
    name: always(isText),
    alias: always(isText),
    from: always(orNull(isNumber)),
    to: always(orNull(isNumber)),
    reason: always(isText),
    evidence: sometimes(isObject),
  },
  /** `artifact`: model or data, `name` of it. */
  'artifact.claimed': { artifact: always(oneOf('model', 'data')), name: always(isText) },
  'artifact.shared': {
    artifact: always(oneOf('model', 'data')),
    name: always(isText),
    with: always(isText),
    /** Null where it is not shared any more. */
    standing: always(orNull(oneOf('owner', 'shared'))),
  },
  'data.added': {
    name: always(isText),
    version: always(isNumber),
    digest: always(isText),
    rows: always(isNumber),
  },
  'model.added': {
    name: always(isText),
    version: always(isNumber),
    digest: always(isText),
    format: always(isText),
  },
  /** The facts of a `RegistrySync`. */
  'registry.synced': {
    name: sometimes(isText),
    location: always(isText),
    remoteName: always(isText),
    outcome: always(oneOf('added', 'refused', 'in-step', 'pending', 'both-moved')),
    alias: always(orNull(isText)),
    remote: always(orNull(isText)),
    local: always(orNull(isNumber)),
    reason: always(isText),
    cause: sometimes(oneOf('from-elsewhere')),
  },
} as const;
