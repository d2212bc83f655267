import type { SetAsideKind } from '@aftercall/set-aside';

export const SET_ASIDE_KINDS = ['dead', 'quarantine', 'archive'] as const satisfies readonly SetAsideKind[];
