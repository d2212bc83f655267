import { fileURLToPath } from 'node:url';

/** The root of the repository, wherever the command was called. */
export const repository = fileURLToPath(new URL('../../..', import.meta.url));
