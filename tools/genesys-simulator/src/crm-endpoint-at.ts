import type { CrmBehaviour } from './crm-behaviour.ts';
import type { CrmDelivery } from './crm-deliveries.ts';

/** A CRM endpoint that another process, or another part of this one, has started. */
export interface RemoteCrmEndpoint {
  readonly deliveries: () => Promise<readonly CrmDelivery[]>;
  readonly setBehaviour: (behaviour: CrmBehaviour) => Promise<void>;
}

/** @param url of the endpoint, such as `crm.url` of a running stack's `local.json` */
export function crmEndpointAt(url: string): RemoteCrmEndpoint {
  const ask = async (path: string, init: RequestInit = {}): Promise<unknown> => {
    const answer = await fetch(`${url}${path}`, init);
    if (!answer.ok) throw new Error(`the CRM endpoint answered ${answer.status}: ${await answer.text()}`);
    return answer.json();
  };
  return {
    deliveries: async () => (await ask('/__deliveries')) as readonly CrmDelivery[],
    setBehaviour: async (behaviour) => {
      await ask('/__behaviour', { method: 'POST', body: JSON.stringify(behaviour) });
    },
  };
}
