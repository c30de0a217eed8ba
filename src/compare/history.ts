import type { ComparedRun, CrashChange, CrashHistory, CrashRecord, Sightings } from '../model/comparison.ts';
import { similarEnough, similarity } from './similarity.ts';

/** A crash of earlier runs, as the last of them has it. */
export interface OldCrash {
  readonly crash: CrashRecord;
  readonly seen: Sightings;
}

/** What a crash was found to be. */
export interface Recognized extends Omit<CrashHistory, 'follows'> {
  readonly old?: OldCrash;
}

/** So many crashes of earlier runs are looked at for similarity, the latest first: each costs some microseconds. */
const maxSimilar = 5000;

/** Earlier runs, made ready to be asked about crashes. */
export class History {
  readonly runs: readonly ComparedRun[];
  readonly #bySignature = new Map<string, OldCrash>();
  readonly #byTitle = new Map<string, OldCrash>();
  readonly #byKind = new Map<string, OldCrash[]>();

  /** @param runs in the order of time. */
  constructor(runs: readonly ComparedRun[]) {
    this.runs = runs;
    const gathered = new Map<string, { crash: CrashRecord; first: string; last: string; runs: number }>();
    for (const { name, crashes } of runs) {
      for (const crash of crashes) {
        const before = gathered.get(crash.signature);
        // To what is the latest now, it moves to the end.
        gathered.delete(crash.signature);
        gathered.set(crash.signature, {
          crash,
          first: before?.first ?? name,
          last: name,
          runs: (before?.runs ?? 0) + 1,
        });
      }
    }
    for (const { crash, ...seen } of gathered.values()) {
      const old = { crash, seen: { ...seen, of: runs.length } };
      this.#bySignature.set(crash.signature, old);
      for (const title of specificTitles(crash)) this.#byTitle.set(title, old);
      const family = familyOf(crash.kind);
      this.#byKind.set(family, [...(this.#byKind.get(family) ?? []), old].slice(-maxSimilar));
    }
  }

  /** All crashes of all runs, those of the last run last. */
  crashes(): IterableIterator<OldCrash> {
    return this.#bySignature.values();
  }

  /**
   * What a crash is, in the light of these runs.
   * @param taken signatures of what other crashes surely are: nothing is guessed to be that.
   */
  recognize(crash: CrashRecord, taken?: ReadonlySet<string>): Recognized {
    return this.#bySameName(crash) ?? this.#bySimilarity(crash, taken);
  }

  #bySameName(crash: CrashRecord): Recognized | undefined {
    const bySignature = this.#bySignature.get(crash.signature);
    if (bySignature !== undefined) return this.#known(crash, bySignature, { matchedBy: 'signature' });
    for (const title of specificTitles(crash)) {
      const old = this.#byTitle.get(title);
      if (old !== undefined) return this.#known(crash, old, { matchedBy: 'title' });
    }
    return undefined;
  }

  /** Signatures of what some crashes surely are. */
  taken(crashes: readonly CrashRecord[]): Set<string> {
    const found = crashes.map((crash) => this.#bySameName(crash)?.old?.crash.signature);
    return new Set(found.filter((signature) => signature !== undefined));
  }

  #bySimilarity(crash: CrashRecord, taken: ReadonlySet<string> | undefined): Recognized {
    let best: OldCrash | undefined;
    let most = similarEnough;
    for (const old of this.#byKind.get(familyOf(crash.kind)) ?? []) {
      if (taken?.has(old.crash.signature)) continue;
      const much = similarity(crash, old.crash);
      if (much < most) continue;
      best = old;
      most = much;
    }
    if (best === undefined) return { status: 'new', seen: { runs: 0, of: this.runs.length } };
    return this.#known(crash, best, { matchedBy: 'similarity', similarity: Math.round(most * 100) / 100 });
  }

  #known(
    crash: CrashRecord,
    old: OldCrash,
    how: { readonly matchedBy: 'signature' | 'title' | 'similarity'; readonly similarity?: number },
  ): Recognized {
    const changes = changesOf(old.crash, crash);
    return {
      status: changes.length === 0 ? 'same' : 'changed',
      ...how,
      ...(changes.length > 0 && { changes }),
      seen: old.seen,
      old,
    };
  }
}

const familyOf = (kind: string): string => kind.split('/', 1)[0] ?? kind;

/** Titles by which a crash can be known again. Those without a function are the same for all bugs of a kind. */
function specificTitles({ isSpecific, title, altTitles }: CrashRecord): readonly string[] {
  return isSpecific ? [title, ...altTitles] : [];
}

function changesOf(before: CrashRecord, now: CrashRecord): CrashChange[] {
  const changes: CrashChange[] = [];
  const add = (what: CrashChange['what'], from: string | undefined, to: string | undefined): void => {
    if (from !== undefined && to !== undefined && from !== to) changes.push({ what, from, to });
  };
  const titles = [before.title, ...before.altTitles];
  if (!titles.includes(now.title) && !now.altTitles.includes(before.title)) add('title', before.title, now.title);
  add('kind', before.kind, now.kind);
  add('severity', before.severity, now.severity);
  add('signature', before.signature, now.signature);
  // With the same signature it is the same function, which debug information may have told by a name that is inlined.
  if (before.signature !== now.signature) add('culprit', before.culprit, now.culprit);
  return changes;
}
