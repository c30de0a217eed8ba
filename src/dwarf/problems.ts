import { KtriageError } from '../util/errors.ts';

/** The first few tell enough; a damaged file may have a million. */
const mostProblems = 16;

/** What was wrong with the debug information of a file: a damaged unit costs its own positions and no others. */
export class Problems {
  readonly list: KtriageError[] = [];

  add(problem: KtriageError): void {
    if (this.list.length < mostProblems) {
      this.list.push(problem);
    }
  }

  /** The outcome of an action; undefined if the data it reads is damaged, which is noted. */
  guard<Outcome>(action: () => Outcome): Outcome | undefined {
    try {
      return action();
    } catch (error) {
      if (error instanceof KtriageError) {
        this.add(error);
        return undefined;
      }
      throw error;
    }
  }
}
