import './behind-named.mjs';
export const named = 1;
