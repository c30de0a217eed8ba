import type { Engine } from '../engine.ts';
import { isEmptyPolicy, type PolicyFlags } from '../policy-flags.ts';
import type { Session } from '../session.ts';
import type { Settings } from '../settings.ts';
import type { OpenPolicy } from './open-policy.ts';

/** What is known and expected; nothing of that is loaded where nobody asked for it. */
export async function policyFor(
  flags: PolicyFlags,
  engine: () => Promise<Engine>,
  session: Session,
  settings: Settings,
  signal: AbortSignal,
): Promise<OpenPolicy | undefined> {
  const { failOn, verbose } = settings;
  if (failOn.includes('/')) (await import('./check-fail-on.ts')).checkKinds(failOn);
  if (isEmptyPolicy(flags)) {
    if (/\bnew\b/.test(failOn)) session.stderr.write('note: there is no --baseline: every crash counts as new\n');
    return undefined;
  }
  const { openPolicy } = await import('./open-policy.ts');
  return openPolicy(flags, await engine(), session, { signal, verbose });
}
