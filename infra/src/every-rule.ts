import { ALARM_RULES } from './alarm-rules.ts';
import { HOUSE_RULES, type World } from './house-rules.ts';
import { PLATFORM_RULES } from './platform-rules.ts';

/** Every rule that each stage is held to, by what it says. `broken-rules.test.ts` breaks each of them. For tests. */
export const EVERY_RULE: Readonly<Record<string, (world: World) => void>> = {
  ...HOUSE_RULES,
  ...PLATFORM_RULES,
  ...ALARM_RULES,
};
