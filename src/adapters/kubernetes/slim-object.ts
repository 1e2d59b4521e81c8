/** The parts of a Node or ResourceSlice that tell of hardware; its images alone are ten times as much. */
export function slimObject(object: object): object {
  const { metadata, spec, status } = object as Readonly<Record<'metadata' | 'spec' | 'status', unknown>>;
  return {
    metadata: picked(metadata, ['name', 'labels']),
    ...(spec === undefined ? {} : { spec }),
    ...(status === undefined ? {} : { status: picked(status, ['capacity', 'allocatable', 'nodeInfo']) }),
  };
}

function picked(value: unknown, keys: readonly string[]): object {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(Object.entries(value).filter(([key]) => keys.includes(key)));
}
