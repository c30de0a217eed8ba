/** A range as it was named. */
export interface RangeNames {
  readonly good: string;
  readonly bad: string;
}
