/** Where the kernel tells of the machine; a test names folders of its own. */
export interface NodeRoots {
  readonly proc: string;
  readonly sys: string;
  readonly dev: string;
}

export const nodeRoots: NodeRoots = { proc: '/proc', sys: '/sys', dev: '/dev' };
