import { bytes } from '../../report/text/words.ts';
import type { Debuginfod } from '../../symbols/debuginfod.ts';
import type { Fetching } from '../../symbols/debuginfod-download.ts';
import { debuginfodCachePath } from '../../symbols/places.ts';
import { watchInterrupts } from '../interrupt.ts';
import { Progress } from '../progress.ts';
import type { Session } from '../session.ts';
import type { SymbolFlags } from '../symbol-flags.ts';

export interface DebuginfodFileOptions {
  readonly debuginfodCache: string;
  readonly debuginfod?: Debuginfod;
}

/** Milliseconds between two looks at a server that takes its time before it sends anything. */
const interval = 500;

/**
 * Where files lie that debuginfod's client fetched, and what fetches others if the user wants it.
 * @throws KtriageError KT-DEBUGINFOD-*
 */
export async function debuginfodOptions(flags: SymbolFlags, session: Session): Promise<DebuginfodFileOptions> {
  const { env, home } = session;
  const debuginfodCache = debuginfodCachePath(env, home);
  if (flags.debuginfodServers === undefined) return { debuginfodCache };
  const [{ Debuginfod }, { debuginfodSettings }, { proxyFromEnvironment }, { packageVersion }] = await Promise.all([
    import('../../symbols/debuginfod.ts'),
    import('../../symbols/debuginfod-settings.ts'),
    import('../../io/http-proxy.ts'),
    import('../package-version.ts'),
  ]);
  let fetching: Fetching | undefined;
  const debuginfod = new Debuginfod({
    settings: debuginfodSettings(env, home, flags.debuginfodServers),
    userAgent: `ktriage/${packageVersion()}`,
    proxyOf: proxyFromEnvironment(env),
    onProgress: (now) => {
      fetching = now;
    },
    watch: (buildId) => {
      fetching = undefined;
      const progress = new Progress(session.stderr, true);
      const timer = setInterval(() => progress.say(() => progressLine(buildId, fetching)), interval);
      // Without this Ctrl-C would leave half a file behind.
      const interrupt = watchInterrupts();
      return {
        signal: interrupt.signal,
        dispose: () => {
          clearInterval(timer);
          progress.clear();
          interrupt.dispose();
        },
      };
    },
  });
  return { debuginfodCache, debuginfod };
}

function progressLine(buildId: string, fetching: Fetching | undefined): string {
  const what = `debug information ${buildId.slice(0, 12)}`;
  if (fetching === undefined) return `Asking for ${what}`;
  const total = fetching.total === undefined ? '' : ` of ${bytes(fetching.total)}`;
  return `Fetching ${what} from ${fetching.server}: ${bytes(fetching.bytes)}${total}`;
}
