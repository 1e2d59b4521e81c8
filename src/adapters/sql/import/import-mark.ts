/** What `journaled` holds of a store whose rows were taken in. */
export const importMark = (identity: string): string => `import:${identity}`;
