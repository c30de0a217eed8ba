import type { TestCase, TestFile } from './find-tests.ts';

/** The words of a name: runners write `net: tls.sh`, `net/tls.sh`, `net_tls_sh` for the same test. */
function wordsOf(name: string): string[] {
  return name.toLowerCase().match(/[a-z0-9]+/g) ?? [];
}

const endsWith = (words: readonly string[], tail: readonly string[]): boolean =>
  tail.length > 0 &&
  tail.length <= words.length &&
  tail.every((word, nth) => words[words.length - tail.length + nth] === word);

/** What is found by its words only once it was made ready: files have many tests, and few of them die. */
export class TestIndex {
  readonly #tests: readonly {
    readonly test: TestCase;
    readonly name: string[];
    readonly around: ReadonlySet<string>;
  }[];

  constructor(file: TestFile) {
    const suiteWords = file.suites.map(({ name }) => wordsOf(name));
    this.#tests = file.cases
      .filter(({ outcome }) => outcome !== 'skipped')
      .map((test) => ({
        test,
        name: wordsOf(test.name),
        around: new Set([...wordsOf(test.className), ...(suiteWords[test.suite] ?? [])]),
      }));
  }

  /**
   * The test that a log says to have run: `net: tls.sh: tls.recv`. If no test has that name, the one that it is a part
   * of. Undefined if there is none, or if several fit alike and not just one of them failed.
   */
  find(running: string): TestCase | undefined {
    const parts = running.split(': ').slice(0, 10);
    for (let length = parts.length; length > 0; length -= 1) {
      const found = this.#named(wordsOf(parts.slice(0, length).join(' ')));
      if (found !== 'none') return found;
    }
    return undefined;
  }

  #named(words: readonly string[]): TestCase | undefined | 'none' {
    const ranked: TestCase[][] = [[], [], []];
    for (const { test, name, around } of this.#tests) {
      const rank = rankOf(words, name, around);
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
function rankOf(words: readonly string[], name: readonly string[], around: ReadonlySet<string>): number | undefined {
  if (words.length === 0) return undefined;
  const same = name.length === words.length && endsWith(name, words);
  if (same) return 0;
  // `tls.sh` of the suite `net`.
  if (endsWith(words, name) && words.slice(0, words.length - name.length).every((word) => around.has(word))) return 1;
  // `selftests: net: tls.sh`.
  return endsWith(name, words) ? 2 : undefined;
}
