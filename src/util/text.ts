/** A string of bytes (a char per byte) as UTF-8; what is not valid becomes U+FFFD. */
export function utf8(bytes: string): string {
  // Most lines are ASCII: then both are the same and nothing needs to be made.
  return /[\x80-\xff]/.test(bytes) ? Buffer.from(bytes, 'latin1').toString('utf8') : bytes;
}
