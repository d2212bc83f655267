import { named } from './named.mjs';
import './behind-lazy.mjs';
export const lazy = named;
