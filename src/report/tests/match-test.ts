import type { TestCase, TestFile } from './find-tests.ts';

/** The words of a name: runners write `net: tls.sh`, `net/tls.sh`, `net_tls_sh` for the same test. */
function wordsOf(name: string): string[] {
  return name.toLowerCase().match(/[a-z0-9]+/g) ?? [];
}

const endsWith = (words: readonly string[], tail: readonly string[]): boolean =>
  tail.length > 0 &&
  tail.length <= words.length &&
  tail.every((word, nth) => words[words.length - tail.length + nth] === word);

interface NamedTest {
  readonly test: TestCase;
  /** The words of its name, and of its suite's. */
  readonly name: readonly string[];
  readonly suite: readonly string[];
}

function put(tests: Map<string, NamedTest[]>, key: string, test: NamedTest): void {
  const known = tests.get(key);
  if (known === undefined) tests.set(key, [test]);
  else known.push(test);
}

/** What is found by its words only once it was made ready: files have many tests, and few of them die. */
export class TestIndex {
  // Whichever name is a part of the other, both end alike; the last word alone says little (`sh`).
  readonly #byLastTwo = new Map<string, NamedTest[]>();
  readonly #byLast = new Map<string, NamedTest[]>();
  readonly #found = new Map<string, TestCase | undefined>();

  constructor(file: TestFile) {
    const suiteWords = file.suites.map(({ name }) => wordsOf(name));
    for (const test of file.cases) {
      const name = wordsOf(test.name);
      const last = name.at(-1);
      if (test.outcome === 'skipped' || last === undefined) continue;
      const entry = { test, name, suite: suiteWords[test.suite] ?? [] };
      put(this.#byLastTwo, name.slice(-2).join(' '), entry);
      put(this.#byLast, last, entry);
    }
  }

  /** Those that may have such a name. */
  #candidates(words: readonly string[]): readonly NamedTest[] {
    const last = words.at(-1) ?? '';
    if (words.length < 2) return this.#byLast.get(last) ?? [];
    const two = words.slice(-2).join(' ');
    return [...(this.#byLastTwo.get(two) ?? []), ...(this.#byLastTwo.get(last) ?? [])];
  }

  /**
   * The test that a log says to have run: `net: tls.sh: tls.recv`. If no test has that name, the one that it is a part
   * of. Undefined if there is none, or if several fit alike and not just one of them failed.
   */
  find(running: string): TestCase | undefined {
    if (!this.#found.has(running)) this.#found.set(running, this.#search(running));
    return this.#found.get(running);
  }

  #search(running: string): TestCase | undefined {
    const parts = running.split(': ').slice(0, 10);
    for (let length = parts.length; length > 0; length -= 1) {
      const found = this.#named(wordsOf(parts.slice(0, length).join(' ')));
      if (found !== 'none') return found;
    }
    return undefined;
  }

  #named(words: readonly string[]): TestCase | undefined | 'none' {
    const ranked: TestCase[][] = [[], [], []];
    for (const { test, name, suite } of this.#candidates(words)) {
      const rank = rankOf(words, name, () => new Set([...wordsOf(test.className), ...suite]));
      if (rank !== undefined) ranked[rank]?.push(test);
    }
    const best = ranked.find((tests) => tests.length > 0);
    if (best === undefined) return 'none';
    if (best.length === 1) return best[0];
    const failed = best.filter(({ outcome }) => outcome === 'failed');
    return failed.length === 1 ? failed[0] : undefined;
  }
}

/** How well a test's name is the one that is sought, 0 the best; undefined if it is not. */
function rankOf(
  words: readonly string[],
  name: readonly string[],
  wordsAround: () => ReadonlySet<string>,
): number | undefined {
  const same = name.length === words.length && endsWith(name, words);
  if (same) return 0;
  // `tls.sh` of the suite `net`.
  if (endsWith(words, name)) {
    const around = wordsAround();
    if (words.slice(0, words.length - name.length).every((word) => around.has(word))) return 1;
  }
  // `selftests: net: tls.sh`.
  return endsWith(name, words) ? 2 : undefined;
}
