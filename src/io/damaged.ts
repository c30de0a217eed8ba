/** Compressed data that cannot be decoded any further. What could be was delivered before this is thrown. */
export class DamagedDataError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'DamagedDataError';
  }
}
