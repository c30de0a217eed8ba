import { type Assertion, type Node, PatternError } from './syntax.ts';

/** A state of the machine that looks for a pattern. */
export type State =
  | { readonly type: 'set'; readonly bytes: Uint8Array; next: number }
  | { readonly type: 'assert'; readonly assertion: Assertion; next: number }
  | { readonly type: 'fork'; next: number; other: number }
  | { readonly type: 'match'; readonly pattern: number };

/** States of all patterns together: each takes a step for every byte, at worst. */
const maxStates = 100_000;

/** Makes states of trees, from their ends to their beginnings (Thompson, 1968). */
export class Program {
  readonly states: State[] = [];

  #add(state: State): number {
    if (this.states.length >= maxStates) throw new PatternError('it is too big', 0);
    this.states.push(state);
    return this.states.length - 1;
  }

  /** Adds a pattern; returns the state where it begins. */
  pattern(node: Node, pattern: number): number {
    return this.#compile(node, this.#add({ type: 'match', pattern }));
  }

  /** The state from which both go on. */
  either(next: number, other: number): number {
    return this.#add({ type: 'fork', next, other });
  }

  #compile(node: Node, next: number): number {
    switch (node.type) {
      case 'set':
        return this.#add({ type: 'set', bytes: node.bytes, next });
      case 'assert':
        return this.#add({ type: 'assert', assertion: node.assertion, next });
      case 'sequence':
        return node.parts.reduceRight((after, part) => this.#compile(part, after), next);
      case 'choice':
        return node.options
          .map((option) => this.#compile(option, next))
          .reduceRight((other, first) => this.either(first, other));
      case 'repeat':
        return this.#repeat(node.part, node.least, node.most, next);
    }
  }

  #repeat(part: Node, least: number, most: number, next: number): number {
    let after = next;
    if (most === Number.POSITIVE_INFINITY) {
      const loop: State = { type: 'fork', next, other: next };
      after = this.#add(loop);
      loop.other = this.#compile(part, after);
    } else {
      for (let count = least; count < most; count += 1) after = this.either(this.#compile(part, after), next);
    }
    for (let count = 0; count < least; count += 1) after = this.#compile(part, after);
    return after;
  }
}
