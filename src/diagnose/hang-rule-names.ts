/** The names of the rules that tell why a machine hangs (`ktriage live`), in the order in which they lead. They are an API. */
export const hangRuleNames = [
  'lock-cycle',
  'dead-holder',
  'fatal-fault',
  'panicked',
  'not-running',
  'busy-cpu',
  'lost-wakeup',
  'blocked',
  'slow-fault',
  'stuck-tasks',
  'nothing-wrong',
  'unclear',
] as const;

export type HangRuleName = (typeof hangRuleNames)[number];
