// Measures what a call pays for its access token when it is in memory: nearly all of them.
import { createTokenSource, systemClock } from '@aftercall/oauth';
import { cpuMicrosPerCall, type CpuSample } from './cpu-time.ts';

const CALLS = 200_000;

const tokens = createTokenSource({
  requestToken: async () => ({ accessToken: 'opaque-token', lifetimeMillis: 86_399_000 }),
  credentials: {
    current: async () => ({ clientId: 'client', clientSecret: 'secret' }),
    refresh: async () => 'too-soon',
  },
  clock: systemClock(),
  random: Math.random,
  newOwner: () => 'bench',
  log: { warn: () => undefined },
  countTokenRequest: () => undefined,
});
const token = () => tokens.token();
await cpuMicrosPerCall(CALLS, token);
const sample: CpuSample = { micros: await cpuMicrosPerCall(CALLS, token), steps: {} };
process.stdout.write(JSON.stringify(sample));
