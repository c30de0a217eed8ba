/** Members of an answer, whatever it is. */
export function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.hasOwn(value, name) ? Object.entries(value).find(([key]) => key === name)?.[1] : undefined;
}

/** A member that is a text. */
export function textMember(value: unknown, name: string): string | undefined {
  const text = member(value, name);
  return typeof text === 'string' ? text : undefined;
}

/** A member that is a whole number. */
export function numberMember(value: unknown, name: string): number | undefined {
  const number = member(value, name);
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : undefined;
}

/** An answer that is a list, cut after so many. */
export function listOf(value: unknown, most: number): readonly unknown[] {
  return Array.isArray(value) ? value.slice(0, most) : [];
}
