import { named } from './chunks/named.mjs';
import './chunks/side-effect.mjs';
export * from './chunks/reexported.mjs';
import 'node:path';
const text = 'import "./chunks/in-a-text.mjs"';
export const handler = async () => [named, text, await import('./chunks/lazy.mjs')];
