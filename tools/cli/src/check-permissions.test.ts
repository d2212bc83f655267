import { expect, test } from '@jest/globals';
import { createPlatformApi } from '@aftercall/genesys';
import { warpedClock } from '@aftercall/oauth';
import { checkPermissions } from './check-permissions.ts';
import { permissionsOf } from './function-operations.ts';

/** What the functions' clients are told by an API that always answers so. */
function probe(answer: () => Response) {
  const asked: string[] = [];
  const api = createPlatformApi({
    baseUrl: 'https://api.test',
    tokens: { token: async () => 'token', drop: () => undefined },
    fetch: async (_input, { method = 'GET' } = {}) => {
      asked.push(method);
      return answer();
    },
    clock: warpedClock(),
    random: () => 0,
    onRateLimitRemaining: () => undefined,
  });
  const deps = { api, newBudget: () => ({ remainingMillis: () => 30_000 }), newId: () => 'nobody' };
  return { asked, deps: { ...deps, lastForbidden: () => '' } };
}

const notFound = () => Response.json({ code: 'not.found' }, { status: 404 });

test('what cannot be asked without an effect is not probed, and says so', async () => {
  const { asked, deps } = probe(notFound);
  expect(await checkPermissions('main/compliance-router', 'compliance-router', deps)).toEqual([
    {
      verdict: 'not-probed',
      area: 'permission',
      subject: 'main/compliance-router',
      detail: 'conversation:externalTag:edit: setExternalTag would change something',
      next: expect.stringContaining('see in Genesys Cloud'),
    },
  ]);
  expect(asked).toEqual([]);
});

test('an outage proves nothing: a warning, to be asked again', async () => {
  const { deps } = probe(() => Response.json({}, { status: 503 }));
  const findings = await checkPermissions('main/partner-ingest', 'partner-ingest', deps);
  expect(findings).toMatchObject([{ verdict: 'warn', next: 'run doctor again' }]);
});

test('a token that is refused twice is somebody’s to mend', async () => {
  const { deps } = probe(() => Response.json({}, { status: 401 }));
  const findings = await checkPermissions('main/partner-ingest', 'partner-ingest', deps);
  expect(findings).toMatchObject([{ verdict: 'fail', detail: expect.stringContaining('is active') }]);
});

test('each function’s permissions are those of its calls, each once', () => {
  expect(permissionsOf('backfill')).toEqual([
    'analytics:conversationDetail:view',
    'recording:recording:view',
    'speechAndTextAnalytics:data:view',
  ]);
});
