/** How bad it is, worst first. `notice` never makes a report, only a notice. */
export const severities = ['fatal', 'error', 'warning', 'notice'] as const;
export type Severity = (typeof severities)[number];

/** True if `a` is at least as bad as `b`. */
export function atLeast(a: Severity, b: Severity): boolean {
  return severities.indexOf(a) <= severities.indexOf(b);
}
