import packageJson from '../../package.json' with { type: 'json' };

export const plimsollVersion: string = packageJson.version;
