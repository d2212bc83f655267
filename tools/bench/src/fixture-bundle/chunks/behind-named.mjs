import './named.mjs';
globalThis.behindNamed = true;
